using TalentSphere.ServiceDefaults.Auth;

namespace TalentSphere.Notification.Preferences;

internal static class PreferenceRoutes
{
    public static void MapPreferences(this IEndpointRouteBuilder routes)
    {
        var preferences = routes.MapGroup("/api/v1/notifications/preferences").WithTags("Notification preferences").RequireSignedIn();
        preferences.MapGet("", GetPreferences.HandleAsync).WithName("GetNotificationPreferences").WithSummary("What I want to hear of, and when not");
        preferences.MapPut("", PutPreferences.HandleAsync).WithName("PutNotificationPreferences")
            .WithSummary("Replace my choices; kinds that are not named are on");
    }
}
