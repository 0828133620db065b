using MassTransit;
using TalentSphere.Contracts.Auth;

namespace TalentSphere.Notification.Facts;

/// <summary>The security notice of a changed password.</summary>
internal sealed class NotifyOnPasswordChanged(Notifier notifier) : IConsumer<PasswordChanged>
{
    public Task Consume(ConsumeContext<PasswordChanged> context) => notifier.NotifyAsync(Notices.Of(context.Message, context.EventId()), context);
}
