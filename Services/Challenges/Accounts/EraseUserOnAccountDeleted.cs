using MassTransit;
using Microsoft.EntityFrameworkCore;
using TalentSphere.Challenges.Data;
using TalentSphere.Contracts.Auth;
using TalentSphere.Contracts.Challenges;
using TalentSphere.ServiceDefaults.Auth;
using TalentSphere.ServiceDefaults.Erasure;
using TalentSphere.ServiceDefaults.Messaging;

namespace TalentSphere.Challenges.Accounts;

/// <summary>
/// Removes what the user handed in and the drafts that nobody else ever saw. Published challenges stay, for others learn with them, but
/// belong to the system from then on.
/// </summary>
internal sealed class EraseUserOnAccountDeleted(ChallengesDbContext db, SubjectErasure erasure) : IConsumer<UserDeleted>
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
        var changed = await db.Submissions.Where(s => s.UserId == userId).ExecuteDeleteAsync(cancellationToken);
        // Drafts first: one that is published at this moment is no draft any more when its row is free, and is then handed over.
        changed += await db.Challenges.Where(c => c.AuthorId == userId && c.PublishedAt == null).ExecuteDeleteAsync(cancellationToken);
        return changed + await db.Challenges.Where(c => c.AuthorId == userId)
            .ExecuteUpdateAsync(s => s.SetProperty(c => c.AuthorId, SystemAccount.Id), cancellationToken);
    }
}
