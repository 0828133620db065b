using MassTransit;
using TalentSphere.Contracts.Gamification;

namespace TalentSphere.Notification.Facts;

/// <summary>Tells of a new level.</summary>
internal sealed class NotifyOnLevelReached(Notifier notifier) : IConsumer<LevelReached>
{
    public Task Consume(ConsumeContext<LevelReached> context) => notifier.NotifyAsync(Notices.Of(context.Message), context);
}
