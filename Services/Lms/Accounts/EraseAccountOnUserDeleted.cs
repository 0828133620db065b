using MassTransit;
using Microsoft.EntityFrameworkCore;
using TalentSphere.Contracts.Auth;
using TalentSphere.Contracts.Lms;
using TalentSphere.Lms.Data;
using TalentSphere.ServiceDefaults.Auth;
using TalentSphere.ServiceDefaults.Erasure;
using TalentSphere.ServiceDefaults.Messaging;

namespace TalentSphere.Lms.Accounts;

/// <summary>
/// Forgets a deleted account: enrollments and drafts go; certificates stay verifiable and published courses stay readable, but belong
/// to nobody.
/// </summary>
public sealed class EraseAccountOnUserDeleted(LmsDbContext db, SubjectErasure erasure) : IConsumer<UserDeleted>
{
    public async Task Consume(ConsumeContext<UserDeleted> context)
    {
        var (user, cancellationToken) = (context.Message.UserId, context.CancellationToken);
        var records = await erasure.RunAsync(db, user, () => EraseAsync(user, cancellationToken), cancellationToken);
        db.Publish(new UserErased(user, records));
        await db.SaveChangesAsync(cancellationToken);
    }

    private async Task<int> EraseAsync(Guid user, CancellationToken cancellationToken)
    {
        var records = await db.Enrollments.Where(e => e.UserId == user).ExecuteDeleteAsync(cancellationToken);
        records += await db.Certificates.Where(c => c.UserId == user)
            .ExecuteUpdateAsync(c => c.SetProperty(x => x.UserId, (Guid?)null), cancellationToken);
        records += await db.Courses.Where(c => c.OwnerId == user && c.PublishedAt == null).ExecuteDeleteAsync(cancellationToken);
        return records + await db.Courses.Where(c => c.OwnerId == user)
            .ExecuteUpdateAsync(c => c.SetProperty(x => x.OwnerId, SystemAccount.Id), cancellationToken);
    }
}
