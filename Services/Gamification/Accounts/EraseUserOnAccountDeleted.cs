using MassTransit;
using Microsoft.EntityFrameworkCore;
using TalentSphere.Contracts.Auth;
using TalentSphere.Contracts.Gamification;
using TalentSphere.Gamification.Data;
using TalentSphere.ServiceDefaults.Erasure;
using TalentSphere.ServiceDefaults.Messaging;

namespace TalentSphere.Gamification.Accounts;

/// <summary>Forgets the name and what was handed in. The ledger stays: it holds numbers and ids, and nobody is behind this id any more.</summary>
internal sealed class EraseUserOnAccountDeleted(GamificationDbContext db, SubjectErasure erasure) : IConsumer<UserDeleted>
{
    public async Task Consume(ConsumeContext<UserDeleted> context)
    {
        var (userId, cancellationToken) = (context.Message.UserId, context.CancellationToken);
        var records = await erasure.RunAsync(db, userId, () => ForgetAsync(userId, cancellationToken), cancellationToken);
        db.Publish(new UserErased(userId, records));
        await db.SaveChangesAsync(cancellationToken);
    }

    private async Task<int> ForgetAsync(Guid userId, CancellationToken cancellationToken)
    {
        var learner = await db.Learners.FromSql($"SELECT * FROM learners WHERE user_id = {userId} FOR UPDATE").SingleOrDefaultAsync(cancellationToken);
        var solutions = await db.Solutions.Where(s => s.UserId == userId).ExecuteDeleteAsync(cancellationToken);
        return solutions + (learner?.Forget() == true ? 1 : 0);
    }
}
