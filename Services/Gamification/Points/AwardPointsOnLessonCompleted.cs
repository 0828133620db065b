using MassTransit;
using TalentSphere.Contracts.Lms;
using TalentSphere.ServiceDefaults.Messaging;

namespace TalentSphere.Gamification.Points;

/// <summary>20 points per lesson.</summary>
internal sealed class AwardPointsOnLessonCompleted(GiveReward reward) : IConsumer<LessonCompleted>
{
    public Task Consume(ConsumeContext<LessonCompleted> context) =>
        reward.RunAsync(Reward.For(context.Message, context.Envelope()), displayName: null, context.CancellationToken);
}
