using MassTransit;
using TalentSphere.Contracts.Gamification;

namespace TalentSphere.Notification.Facts;

/// <summary>Tells of a new badge.</summary>
internal sealed class NotifyOnBadgeEarned(Notifier notifier) : IConsumer<BadgeEarned>
{
    public Task Consume(ConsumeContext<BadgeEarned> context) => notifier.NotifyAsync(Notices.Of(context.Message), context);
}
