using Microsoft.AspNetCore.SignalR;
using Microsoft.EntityFrameworkCore;
using TalentSphere.Notification.Data;
using TalentSphere.Notification.Notifications;
using TalentSphere.ServiceDefaults.Push;

namespace TalentSphere.Notification.Push;

/// <summary>Pushes notifications and the number of unread ones.</summary>
internal sealed class LivePush(
    IHubContext<NotificationHub> hub,
    Audience audience,
    ReplicaFanOut<PushMessage> replicas,
    IServiceScopeFactory scopes,
    ILogger<LivePush<NotificationHub, PushMessage>> logger) : LivePush<NotificationHub, PushMessage>(hub, audience, replicas, logger)
{
    /// <summary>Pushes a stored notification and the new count.</summary>
    public void Send(Guid userId, NotificationView notification) => Push(new(userId, notification));

    /// <summary>Pushes the count alone: something was read on one of the person's clients.</summary>
    public void SendCount(Guid userId) => Push(new(userId, null));

    protected override async Task DeliverAsync(IClientProxy person, PushMessage message, CancellationToken cancellationToken)
    {
        if (message.Notification is { } notification)
            await person.SendAsync(NotificationHub.Notification, notification, cancellationToken);
        // Counted when it is sent, not when the fact happened: the last count a client hears is true.
        await using var scope = scopes.CreateAsyncScope();
        var unread = await scope.ServiceProvider.GetRequiredService<NotificationDbContext>().Notifications.OfUser(message.UserId).Unread()
            .CountAsync(cancellationToken);
        await person.SendAsync(NotificationHub.UnreadCount, unread, cancellationToken);
    }
}

/// <summary>Something for one person's open connections.</summary>
/// <param name="UserId">Whose.</param>
/// <param name="Notification">Null: only the count changed.</param>
internal sealed record PushMessage(Guid UserId, NotificationView? Notification) : IPushMessage;
