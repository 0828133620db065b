using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using TalentSphere.Contracts.Notification;
using TalentSphere.Notification.Data;
using TalentSphere.Notification.Push;
using TalentSphere.ServiceDefaults.Auth;
using TalentSphere.ServiceDefaults.Http;
using TalentSphere.ServiceDefaults.Messaging;

namespace TalentSphere.Notification.Notifications;

internal static class ReadNotification
{
    public static async Task<Results<ApiOk<NotificationView>, ApiProblem>> HandleAsync(
        Guid id, NotificationDbContext db, LivePush push, ClaimsPrincipal user, TimeProvider time, CancellationToken cancel)
    {
        var userId = user.UserId();
        var now = time.GetUtcNow().UtcDateTime;
        var one = db.Notifications.OfUser(userId).Where(n => n.Id == id);
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        // The condition and the change are one statement: of twenty at once one is the first.
        var first = await one.Unread().ExecuteUpdateAsync(set => set.SetProperty(n => n.ReadAt, now), cancel) == 1;
        if (await one.Select(NotificationView.Of).SingleOrDefaultAsync(cancel) is not { } view)
            return Api.NotFound();
        if (first)
        {
            db.Publish(new MessageRead(id, userId, Channels.InApp));
            await db.SaveChangesAsync(cancel);
            await transaction.CommitAsync(cancel);
            push.SendCount(userId);
        }
        return Api.Ok(view);
    }
}
