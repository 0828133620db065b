using MassTransit;
using TalentSphere.Contracts.Auth;

namespace TalentSphere.Notification.Facts;

/// <summary>Welcomes whoever opened an account.</summary>
internal sealed class NotifyOnUserRegistered(Notifier notifier) : IConsumer<UserRegistered>
{
    public Task Consume(ConsumeContext<UserRegistered> context) => notifier.NotifyAsync(Notices.Of(context.Message), context);
}
