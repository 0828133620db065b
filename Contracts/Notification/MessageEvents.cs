namespace TalentSphere.Contracts.Notification;

/// <summary>A notification was handed to a channel.</summary>
/// <param name="NotificationId">The notification.</param>
/// <param name="UserId">Who it is for.</param>
/// <param name="Kind">What it is about, for instance <c>level-reached</c>.</param>
/// <param name="Channel">How it went out: <c>in-app</c>, <c>email</c> or <c>web-push</c>.</param>
[Topic("notification.message.sent", nameof(NotificationId))]
public sealed record MessageSent(Guid NotificationId, Guid UserId, string Kind, string Channel);

/// <summary>A notification was read for the first time.</summary>
/// <param name="NotificationId">The notification.</param>
/// <param name="UserId">Who read it.</param>
/// <param name="Channel">Where it was read: <c>in-app</c>, <c>email</c> or <c>web-push</c>.</param>
[Topic("notification.message.read", nameof(NotificationId))]
public sealed record MessageRead(Guid NotificationId, Guid UserId, string Channel);
