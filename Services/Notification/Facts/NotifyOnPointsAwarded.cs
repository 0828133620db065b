using MassTransit;
using TalentSphere.Contracts.Gamification;

namespace TalentSphere.Notification.Facts;

/// <summary>Tells of every entry in the ledger, lessons included.</summary>
internal sealed class NotifyOnPointsAwarded(Notifier notifier) : IConsumer<PointsAwarded>
{
    public Task Consume(ConsumeContext<PointsAwarded> context) => notifier.NotifyAsync(Notices.Of(context.Message), context);
}
