using TalentSphere.ServiceDefaults.Auth;

namespace TalentSphere.Notification.Notifications;

internal static class NotificationRoutes
{
    public static void MapNotifications(this IEndpointRouteBuilder routes)
    {
        var notifications = routes.MapGroup("/api/v1/notifications").WithTags("Notifications").RequireSignedIn();
        notifications.MapGet("", ListNotifications.HandleAsync).WithName("ListNotifications").WithSummary("My notifications, newest first");
        notifications.MapGet("/unread-count", CountUnread.HandleAsync).WithName("CountUnreadNotifications").WithSummary("How many I have not read");
        notifications.MapPost("/{id:guid}/read", ReadNotification.HandleAsync).WithName("ReadNotification").WithSummary("Mark one as read; again changes nothing");
        notifications.MapPost("/read-all", ReadAllNotifications.HandleAsync).WithName("ReadAllNotifications").WithSummary("Mark all as read that are there now");
    }
}
