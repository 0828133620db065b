using MassTransit;
using TalentSphere.Contracts.Challenges;
using TalentSphere.ServiceDefaults.Messaging;

namespace TalentSphere.Gamification.Points;

/// <summary>50, 100 or 200 points per challenge.</summary>
internal sealed class AwardPointsOnSubmissionApproved(SettleChallenge settle) : IConsumer<SubmissionApproved>
{
    public Task Consume(ConsumeContext<SubmissionApproved> context) => settle.RunAsync(context.Message, context.Envelope(), context.CancellationToken);
}
