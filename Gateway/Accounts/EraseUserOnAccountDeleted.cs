using MassTransit;
using Microsoft.EntityFrameworkCore;
using TalentSphere.Contracts.Auth;
using TalentSphere.Contracts.Gateway;
using TalentSphere.Gateway.Data;
using TalentSphere.ServiceDefaults.Erasure;
using TalentSphere.ServiceDefaults.Messaging;

namespace TalentSphere.Gateway.Accounts;

/// <summary>Forgets who came through the door.</summary>
internal sealed class EraseUserOnAccountDeleted(GatewayDbContext db, SubjectErasure erasure) : IConsumer<UserDeleted>
{
    public async Task Consume(ConsumeContext<UserDeleted> context)
    {
        var userId = context.Message.UserId;
        var records = await erasure.RunAsync(db, userId, () => Task.FromResult(0), context.CancellationToken);
        db.Publish(new UserErased(userId, records));
        await db.SaveChangesAsync(context.CancellationToken);
    }
}
