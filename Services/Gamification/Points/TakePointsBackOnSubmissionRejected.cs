using MassTransit;
using TalentSphere.Contracts.Challenges;
using TalentSphere.ServiceDefaults.Messaging;

namespace TalentSphere.Gamification.Points;

/// <summary>A solution that was accepted once and is not any more, for its challenge was mended and it was judged again.</summary>
internal sealed class TakePointsBackOnSubmissionRejected(SettleChallenge settle) : IConsumer<SubmissionRejected>
{
    public Task Consume(ConsumeContext<SubmissionRejected> context) => settle.RunAsync(context.Message, context.Envelope(), context.CancellationToken);
}
