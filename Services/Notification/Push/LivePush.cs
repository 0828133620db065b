using System.Threading.Channels;
using Microsoft.AspNetCore.SignalR;
using Microsoft.EntityFrameworkCore;
using TalentSphere.Notification.Data;
using TalentSphere.Notification.Notifications;

namespace TalentSphere.Notification.Push;

/// <summary>
/// Pushes to open connections: at once to those of this replica, and through <see cref="ReplicaFanOut"/> to those of the others.
/// Best effort and never waited for: what is full drops its oldest, and a client that comes back reads the list.
/// </summary>
internal sealed partial class LivePush(
    IHubContext<NotificationHub> hub, Audience audience, ReplicaFanOut replicas, IServiceScopeFactory scopes, ILogger<LivePush> logger) : BackgroundService
{
    // A client that does not read holds up its own lane until it is cut off, and no other.
    private const int _lanes = 8;

    private readonly Channel<PushMessage>[] _waiting = [.. Enumerable.Range(0, _lanes).Select(_ => Channel.CreateBounded<PushMessage>(
        new BoundedChannelOptions(1000) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true }))];

    /// <summary>Pushes a stored notification and the new count.</summary>
    public void Send(Guid userId, NotificationView notification) => Send(new PushMessage(userId, notification));

    /// <summary>Pushes the count alone: something was read on one of the person's clients.</summary>
    public void SendCount(Guid userId) => Send(new PushMessage(userId, null));

    /// <summary>Pushes to this replica's connections alone.</summary>
    public void SendHere(PushMessage message)
    {
        if (audience.Contains(message.UserId))
            _waiting[(uint)message.UserId.GetHashCode() % _lanes].Writer.TryWrite(message);
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken)
    {
        replicas.Heard = SendHere;
        return Task.WhenAll(_waiting.Select(lane => RunAsync(lane.Reader, stoppingToken)));
    }

    private void Send(PushMessage message)
    {
        SendHere(message);
        replicas.Tell(message);
    }

    private async Task RunAsync(ChannelReader<PushMessage> lane, CancellationToken stoppingToken)
    {
        await foreach (var message in lane.ReadAllAsync(stoppingToken))
        {
            try
            {
                await DeliverAsync(message, stoppingToken);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                Failed(logger, e);
            }
        }
    }

    private async Task DeliverAsync(PushMessage message, CancellationToken cancel)
    {
        var person = hub.Clients.Group(NotificationHub.GroupOf(message.UserId));
        if (message.Notification is { } notification)
            await person.SendAsync(NotificationHub.Notification, notification, cancel);
        // Counted when it is sent, not when the fact happened: the last count a client hears is true.
        await using var scope = scopes.CreateAsyncScope();
        var unread = await scope.ServiceProvider.GetRequiredService<NotificationDbContext>().Notifications.OfUser(message.UserId).Unread().CountAsync(cancel);
        await person.SendAsync(NotificationHub.UnreadCount, unread, cancel);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A push failed; the notification stays in the list")]
    private static partial void Failed(ILogger logger, Exception exception);
}

/// <summary>Something for one person's open connections.</summary>
/// <param name="UserId">Whose.</param>
/// <param name="Notification">Null: only the count changed.</param>
internal sealed record PushMessage(Guid UserId, NotificationView? Notification);
