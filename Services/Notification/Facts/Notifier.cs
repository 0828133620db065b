using System.Text.Json;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using TalentSphere.Contracts.Notification;
using TalentSphere.Notification.Data;
using TalentSphere.Notification.Notifications;
using TalentSphere.Notification.Preferences;
using TalentSphere.Notification.Push;
using TalentSphere.ServiceDefaults.Erasure;
using TalentSphere.ServiceDefaults.Http;
using TalentSphere.ServiceDefaults.Messaging;

namespace TalentSphere.Notification.Facts;

/// <summary>Stores what a fact's consumer has to say, once, in the consumer's transaction, and pushes it after the commit.</summary>
internal sealed class Notifier(NotificationDbContext db, EventEffect effect, AfterCommit afterCommit, LivePush push)
{
    /// <exception cref="InvalidOperationException">The event names nobody: it belongs to the dead letters.</exception>
    public async Task NotifyAsync(Notice notice, ConsumeContext context)
    {
        if (notice.UserId == Guid.Empty)
            throw new InvalidOperationException($"The event names nobody to tell ({notice.Kind.Name()}).");
        var cancel = context.CancellationToken;
        // A fact that was on its way when its person was forgotten.
        if (await db.IsErasedAsync(notice.UserId, cancel))
            return;
        var now = new DateTimeOffset(effect.At);
        var view = View(notice, context.EventId(), now);
        var preferences = await db.Preferences.AsNoTracking().SingleOrDefaultAsync(p => p.UserId == notice.UserId, cancel)
            ?? new NotificationPreferences(notice.UserId);
        // What somebody wanted then stands in no event; that they were told does.
        var wanted = effect.IsRepeated && !notice.Kind.IsMandatory()
            ? await effect.HasPublishedAsync<MessageSent>(db, view.Id.ToString(), cancel)
            : preferences.Wants(notice.Kind);
        if (!wanted)
            return;

        // The unique index on person, kind and source decides; a violation would abort the transaction that the inbox row is in.
        var stored = await db.Database.ExecuteSqlInterpolatedAsync(
            $"""
            INSERT INTO notifications (user_id, id, kind, source, title, body, quoted_id, data, event_id, correlation_id, created_at)
            VALUES ({notice.UserId}, {view.Id}, {view.Kind.ToString()}, {notice.Source}, {view.Title}, {view.Body}, {notice.QuotedId}, {view.Data.GetRawText()}::jsonb,
                    {view.EventId}, {view.CorrelationId}, {view.CreatedAt})
            ON CONFLICT (user_id, kind, source) DO NOTHING
            """,
            cancel);
        if (stored == 0)
            return;
        db.Publish(new MessageSent(view.Id, notice.UserId, view.Kind.Name(), Channels.InApp));
        await db.SaveChangesAsync(cancel);
        if (preferences.HoldsPush(notice.Kind, now))
            return;
        afterCommit.Run(_ =>
        {
            push.Send(notice.UserId, view);
            return Task.CompletedTask;
        });
    }

    private static NotificationView View(Notice notice, Guid eventId, DateTimeOffset now)
    {
        var data = new Dictionary<string, object> { ["link"] = notice.Link };
        foreach (var (name, value) in notice.Ids)
            data[name] = value;
        // Milliseconds are what the id carries as well; finer ones would come back from the database rounded.
        now = new DateTimeOffset(now.Ticks - (now.Ticks % TimeSpan.TicksPerMillisecond), TimeSpan.Zero);
        return new NotificationView(
            DerivedId.Of(eventId, "notification", now.UtcDateTime), notice.Kind,
            Notice.Plain(notice.Title, StoredNotification.MaxTitle), Notice.Plain(notice.Body, StoredNotification.MaxBody),
            JsonSerializer.SerializeToElement(data, ApiJson.Options), eventId, Correlation.Current, now.UtcDateTime, null);
    }
}

/// <summary>Reads the event's envelope.</summary>
internal static class EnvelopeExtensions
{
    /// <summary>The event's id: the same on every redelivery.</summary>
    public static Guid EventId(this ConsumeContext context) =>
        context.MessageId ?? throw new InvalidOperationException("An event without an id cannot be told from its redelivery.");
}
