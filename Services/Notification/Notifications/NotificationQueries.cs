namespace TalentSphere.Notification.Notifications;

internal static class NotificationQueries
{
    public static IQueryable<StoredNotification> OfUser(this IQueryable<StoredNotification> notifications, Guid userId) =>
        notifications.Where(n => n.UserId == userId);

    public static IQueryable<StoredNotification> Unread(this IQueryable<StoredNotification> notifications) => notifications.Where(n => n.ReadAt == null);
}
