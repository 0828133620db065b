using MassTransit;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using TalentSphere.Contracts.Auth;
using TalentSphere.Contracts.Gateway;
using TalentSphere.Gateway.Data;
using TalentSphere.Gateway.Edge.Flags;
using TalentSphere.Gateway.Edge.Usage;
using TalentSphere.ServiceDefaults.Erasure;
using TalentSphere.ServiceDefaults.Messaging;

namespace TalentSphere.Gateway.Accounts;

/// <summary>Forgets who came through the door, how often, and who set what.</summary>
internal sealed class EraseUserOnAccountDeleted(GatewayDbContext db, SubjectErasure erasure, UsageRecorder usage) : IConsumer<UserDeleted>
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
        // What other replicas have not written yet they will not write: the account stands among the erased by then.
        await UsageRecorder.HoldWritingAsync((NpgsqlConnection)db.Database.GetDbConnection(), cancellationToken);
        usage.Forget(userId);
        var records = await db.Usage.Where(u => u.UserId == userId).ExecuteDeleteAsync(cancellationToken);
        await ChangeFeed.TakeTurnAsync(db, cancellationToken);
        records += await FlagErasure.ForgetAsync(db, userId, cancellationToken);
        records += await db.ConfigurationVersions.Where(v => v.Actor == userId).ExecuteUpdateAsync(v => v.SetProperty(x => x.Actor, (Guid?)null), cancellationToken);
        return records;
    }
}
