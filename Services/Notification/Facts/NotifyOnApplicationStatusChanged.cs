using MassTransit;
using TalentSphere.Contracts.Jobs;

namespace TalentSphere.Notification.Facts;

/// <summary>Tells the candidate of every move, and the employer of a withdrawal.</summary>
internal sealed class NotifyOnApplicationStatusChanged(Notifier notifier) : IConsumer<ApplicationStatusChanged>
{
    public Task Consume(ConsumeContext<ApplicationStatusChanged> context) => notifier.NotifyAsync(Notices.Of(context.Message), context);
}
