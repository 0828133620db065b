using TalentSphere.ServiceDefaults.Push;

namespace TalentSphere.Notification.Push;

/// <summary>
/// Where open clients hear of their notifications. The server calls <c>notification</c> with a notification and <c>unreadCount</c>
/// with a number.
/// </summary>
internal sealed class NotificationHub(Audience audience) : PersonalHub(audience)
{
    public const string Path = "/hubs/notifications";

    public const string Notification = "notification";

    public const string UnreadCount = "unreadCount";
}
