using System.Security.Claims;
using Microsoft.EntityFrameworkCore;
using TalentSphere.Notification.Data;
using TalentSphere.ServiceDefaults.Auth;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Notification.Notifications;

/// <summary>How many notifications are unread.</summary>
/// <param name="UnreadCount">At this moment.</param>
public sealed record UnreadView(int UnreadCount);

internal static class CountUnread
{
    public static async Task<ApiOk<UnreadView>> HandleAsync(NotificationDbContext db, ClaimsPrincipal user, CancellationToken cancel) =>
        Api.Ok(new UnreadView(await db.Notifications.OfUser(user.UserId()).Unread().CountAsync(cancel)));
}
