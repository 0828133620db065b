using MassTransit;
using Microsoft.EntityFrameworkCore;
using TalentSphere.Challenges.Data;
using TalentSphere.Contracts.Auth;
using TalentSphere.Contracts.Challenges;
using TalentSphere.ServiceDefaults.Messaging;

namespace TalentSphere.Challenges.Accounts;

/// <summary>Removes what the user handed in. Challenges that the user wrote stay: others learn with them, and nobody is behind the author's id any more.</summary>
internal sealed class EraseUserOnAccountDeleted(ChallengesDbContext db) : IConsumer<UserDeleted>
{
    public async Task Consume(ConsumeContext<UserDeleted> context)
    {
        var userId = context.Message.UserId;
        var removed = await db.Submissions.Where(s => s.UserId == userId).ExecuteDeleteAsync(context.CancellationToken);
        db.Publish(new UserErased(userId, removed));
        await db.SaveChangesAsync(context.CancellationToken);
    }
}
