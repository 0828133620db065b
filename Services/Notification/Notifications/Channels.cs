namespace TalentSphere.Notification.Notifications;

/// <summary>The ways a notification goes out, as the events name them.</summary>
internal static class Channels
{
    /// <summary>The list, and the push to open clients.</summary>
    public const string InApp = "in-app";
}
