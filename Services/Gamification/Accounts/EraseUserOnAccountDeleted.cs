using MassTransit;
using Microsoft.EntityFrameworkCore;
using TalentSphere.Contracts.Auth;
using TalentSphere.Contracts.Gamification;
using TalentSphere.Gamification.Data;
using TalentSphere.ServiceDefaults.Messaging;

namespace TalentSphere.Gamification.Accounts;

/// <summary>Forgets the name. The ledger stays: it holds numbers and ids, and nobody is behind this id any more.</summary>
internal sealed class EraseUserOnAccountDeleted(GamificationDbContext db) : IConsumer<UserDeleted>
{
    public async Task Consume(ConsumeContext<UserDeleted> context)
    {
        var userId = context.Message.UserId;
        var learner = await db.Learners.FromSql($"SELECT * FROM learners WHERE user_id = {userId} FOR UPDATE").SingleOrDefaultAsync(context.CancellationToken);
        var erased = learner?.Forget() ?? false;
        db.Publish(new UserErased(userId, erased ? 1 : 0));
        await db.SaveChangesAsync(context.CancellationToken);
    }
}
