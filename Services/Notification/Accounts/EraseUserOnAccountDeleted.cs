using MassTransit;
using Microsoft.EntityFrameworkCore;
using TalentSphere.Contracts.Auth;
using TalentSphere.Contracts.Notification;
using TalentSphere.Notification.Data;
using TalentSphere.Notification.Notifications;
using TalentSphere.ServiceDefaults.Messaging;

namespace TalentSphere.Notification.Accounts;

/// <summary>Removes what the user was told and chose. Nobody else's notification names the user.</summary>
internal sealed class EraseUserOnAccountDeleted(NotificationDbContext db) : IConsumer<UserDeleted>
{
    public async Task Consume(ConsumeContext<UserDeleted> context)
    {
        var userId = context.Message.UserId;
        var removed = await db.Notifications.OfUser(userId).ExecuteDeleteAsync(context.CancellationToken)
            + await db.Preferences.Where(p => p.UserId == userId).ExecuteDeleteAsync(context.CancellationToken);
        db.Publish(new UserErased(userId, removed));
        await db.SaveChangesAsync(context.CancellationToken);
    }
}
