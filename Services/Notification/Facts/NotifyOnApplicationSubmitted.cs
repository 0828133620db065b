using MassTransit;
using TalentSphere.Contracts.Jobs;

namespace TalentSphere.Notification.Facts;

/// <summary>Tells the employer that somebody applied.</summary>
internal sealed class NotifyOnApplicationSubmitted(Notifier notifier) : IConsumer<ApplicationSubmitted>
{
    public Task Consume(ConsumeContext<ApplicationSubmitted> context) => notifier.NotifyAsync(Notices.Of(context.Message), context);
}
