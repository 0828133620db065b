using System.Security.Claims;
using Microsoft.EntityFrameworkCore;
using TalentSphere.Contracts.Notification;
using TalentSphere.Notification.Data;
using TalentSphere.Notification.Push;
using TalentSphere.ServiceDefaults.Auth;
using TalentSphere.ServiceDefaults.Http;
using TalentSphere.ServiceDefaults.Messaging;

namespace TalentSphere.Notification.Notifications;

/// <summary>What reading all came to.</summary>
/// <param name="Read">How many were unread until now.</param>
/// <param name="UnreadCount">How many are unread now: what arrived in between stays unread.</param>
public sealed record ReadAllView(int Read, int UnreadCount);

internal static class ReadAllNotifications
{
    // Each one read is an event; a few hundred a transaction keep locks short, however many there are.
    private const int _batch = 500;

    public static async Task<ApiOk<ReadAllView>> HandleAsync(
        NotificationDbContext db, LivePush push, ClaimsPrincipal user, TimeProvider time, CancellationToken cancel)
    {
        var userId = user.UserId();
        var now = time.GetUtcNow().UtcDateTime;
        var read = 0;
        while (await db.Notifications.OfUser(userId).Unread().Where(n => n.CreatedAt <= now).OrderBy(n => n.Id).Take(_batch).Select(n => n.Id)
            .ToArrayAsync(cancel) is { Length: > 0 } ids)
        {
            read += await ReadAsync(db, userId, ids, now, cancel);
        }
        if (read > 0)
            push.SendCount(userId);
        return Api.Ok(new ReadAllView(read, await db.Notifications.OfUser(userId).Unread().CountAsync(cancel)));
    }

    private static async Task<int> ReadAsync(NotificationDbContext db, Guid userId, Guid[] ids, DateTime now, CancellationToken cancel)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        // Only those that nobody else read meanwhile come back, so that each is told of once. Locked in one order: no deadlock.
        var first = await db.Database.SqlQuery<Guid>(
            $"""
            UPDATE notifications SET read_at = {now}
            WHERE user_id = {userId} AND id IN (
                SELECT id FROM notifications WHERE user_id = {userId} AND id = ANY ({ids}) AND read_at IS NULL ORDER BY id FOR UPDATE)
            RETURNING id
            """).ToListAsync(cancel);
        foreach (var id in first)
            db.Publish(new MessageRead(id, userId, Channels.InApp));
        await db.SaveChangesAsync(cancel);
        await transaction.CommitAsync(cancel);
        db.ChangeTracker.Clear();
        return first.Count;
    }
}
