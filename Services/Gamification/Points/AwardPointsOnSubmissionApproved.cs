using MassTransit;
using TalentSphere.Contracts.Challenges;
using TalentSphere.ServiceDefaults.Messaging;

namespace TalentSphere.Gamification.Points;

/// <summary>50, 100 or 200 points per challenge.</summary>
internal sealed class AwardPointsOnSubmissionApproved(AwardPoints award) : IConsumer<SubmissionApproved>
{
    public Task Consume(ConsumeContext<SubmissionApproved> context) =>
        award.RunAsync(Reward.For(context.Message, context.Envelope()), displayName: null, context.CancellationToken);
}
