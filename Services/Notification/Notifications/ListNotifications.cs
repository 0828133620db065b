using System.Security.Claims;
using Microsoft.EntityFrameworkCore;
using TalentSphere.Notification.Data;
using TalentSphere.ServiceDefaults.Auth;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Notification.Notifications;

internal static class ListNotifications
{
    public static async Task<ApiPage<NotificationView>> HandleAsync(
        [AsParameters] Paging paging, bool? unread, NotificationDbContext db, ClaimsPrincipal user, CancellationToken cancel)
    {
        var mine = db.Notifications.OfUser(user.UserId());
        if (unread is true)
            mine = mine.Unread();
        var total = await mine.LongCountAsync(cancel);
        var items = await mine.OrderByDescending(n => n.Id).Skip(paging.Skip).Take(paging.Size).Select(NotificationView.Of).ToListAsync(cancel);
        return Api.Page(items, paging, total);
    }
}
