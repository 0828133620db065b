using MassTransit;
using TalentSphere.Contracts.Jobs;

namespace TalentSphere.Notification.Facts;

/// <summary>Tells the candidate that the company opened the application.</summary>
internal sealed class NotifyOnApplicationViewed(Notifier notifier) : IConsumer<ApplicationViewed>
{
    public Task Consume(ConsumeContext<ApplicationViewed> context) => notifier.NotifyAsync(Notices.Of(context.Message), context);
}
