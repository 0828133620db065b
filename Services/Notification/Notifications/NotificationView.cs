using System.Linq.Expressions;
using System.Text.Json;

namespace TalentSphere.Notification.Notifications;

/// <summary>A notification as lists and the hub show it.</summary>
/// <param name="Id">UUIDv7.</param>
/// <param name="Kind">What it is about.</param>
/// <param name="Title">Plain text.</param>
/// <param name="Body">Plain text.</param>
/// <param name="Data">The ids the text speaks of, and <c>link</c>: a path within the platform.</param>
/// <param name="EventId">The event it came with.</param>
/// <param name="CorrelationId">The request it follows from.</param>
/// <param name="CreatedAt">When it was stored, UTC.</param>
/// <param name="ReadAt">When it was first read, UTC; null while unread.</param>
public sealed record NotificationView(
    Guid Id, NotificationKind Kind, string Title, string Body, JsonElement Data, Guid EventId, string CorrelationId, DateTime CreatedAt, DateTime? ReadAt)
{
    internal static Expression<Func<StoredNotification, NotificationView>> Of { get; } =
        n => new NotificationView(n.Id, n.Kind, n.Title, n.Body, n.Data, n.EventId, n.CorrelationId, n.CreatedAt, n.ReadAt);
}
