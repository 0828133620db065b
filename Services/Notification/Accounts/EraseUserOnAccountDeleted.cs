using MassTransit;
using Microsoft.EntityFrameworkCore;
using TalentSphere.Contracts.Auth;
using TalentSphere.Contracts.Notification;
using TalentSphere.Notification.Data;
using TalentSphere.Notification.Facts;
using TalentSphere.Notification.Notifications;
using TalentSphere.ServiceDefaults.Erasure;
using TalentSphere.ServiceDefaults.Messaging;

namespace TalentSphere.Notification.Accounts;

/// <summary>
/// Removes what the user was told and chose. Nobody else's notification names the user, but one may quote what the user wrote: the quotation goes and the
/// notification stays.
/// </summary>
internal sealed class EraseUserOnAccountDeleted(NotificationDbContext db, SubjectErasure erasure) : IConsumer<UserDeleted>
{
    public async Task Consume(ConsumeContext<UserDeleted> context)
    {
        var (userId, cancellationToken) = (context.Message.UserId, context.CancellationToken);
        var records = await erasure.RunAsync(db, userId, () => EraseAsync(userId, cancellationToken), cancellationToken);
        db.Publish(new UserErased(userId, records));
        await db.SaveChangesAsync(cancellationToken);
    }

    private async Task<int> EraseAsync(Guid userId, CancellationToken cancellationToken)
    {
        var records = await db.Notifications.OfUser(userId).ExecuteDeleteAsync(cancellationToken);
        records += await db.Preferences.Where(p => p.UserId == userId).ExecuteDeleteAsync(cancellationToken);
        return records + await db.Database.ExecuteSqlAsync(
            $"UPDATE notifications SET title = regexp_replace(title, {Notices.QuotedPattern}, 'a job'), quoted_id = NULL WHERE quoted_id = {userId}",
            cancellationToken);
    }
}
