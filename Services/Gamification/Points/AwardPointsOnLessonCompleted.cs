using MassTransit;
using TalentSphere.Contracts.Lms;
using TalentSphere.ServiceDefaults.Messaging;

namespace TalentSphere.Gamification.Points;

/// <summary>20 points per lesson.</summary>
internal sealed class AwardPointsOnLessonCompleted(AwardPoints award) : IConsumer<LessonCompleted>
{
    public Task Consume(ConsumeContext<LessonCompleted> context) =>
        award.RunAsync(Reward.For(context.Message, context.Envelope()), displayName: null, context.CancellationToken);
}
