using System.Security.Claims;
using Microsoft.EntityFrameworkCore;
using TalentSphere.Notification.Data;
using TalentSphere.ServiceDefaults.Auth;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Notification.Preferences;

internal static class GetPreferences
{
    public static async Task<ApiOk<PreferencesView>> HandleAsync(NotificationDbContext db, ClaimsPrincipal user, CancellationToken cancel)
    {
        var id = user.UserId();
        var preferences = await db.Preferences.AsNoTracking().SingleOrDefaultAsync(p => p.UserId == id, cancel) ?? new NotificationPreferences(id);
        return Api.Ok(PreferencesView.Of(preferences)).WithVersion(preferences.Version);
    }
}
