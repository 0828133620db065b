using MassTransit;
using TalentSphere.Contracts.Challenges;
using TalentSphere.ServiceDefaults.Messaging;

namespace TalentSphere.Gamification.Points;

/// <summary>50, 100 or 200 points per challenge.</summary>
internal sealed class AwardPointsOnSubmissionApproved(GiveReward reward) : IConsumer<SubmissionApproved>
{
    public Task Consume(ConsumeContext<SubmissionApproved> context) =>
        reward.RunAsync(Reward.For(context.Message, context.Envelope()), displayName: null, context.CancellationToken);
}
