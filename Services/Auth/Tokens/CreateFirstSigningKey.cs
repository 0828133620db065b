using Microsoft.EntityFrameworkCore;
using TalentSphere.Auth.Audit;
using TalentSphere.Auth.Data;
using TalentSphere.ServiceDefaults.Data;

namespace TalentSphere.Auth.Tokens;

/// <summary>Makes the first signing key; replicas take turns, so that there is one. Then proves that the keys can be read.</summary>
internal sealed partial class CreateFirstSigningKey(
    AuthDbContext db, ServerKeys keys, KeyRing ring, AuditTrail audit, TimeProvider time, ILogger<CreateFirstSigningKey> logger)
    : IStartupTask
{
    private const long _lock = 7_235_406_101;

    public async Task RunAsync(IServiceProvider scope, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await db.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock({_lock})", cancellationToken);
        var now = time.GetUtcNow().UtcDateTime;
        if (!await db.SigningKeys.AnyAsync(k => k.RetireAt == null || k.RetireAt > now, cancellationToken))
        {
            var key = SigningKey.Create(keys, now, now);
            db.SigningKeys.Add(key);
            await db.SaveChangesAsync(cancellationToken);
            await audit.WriteAsync(new(AuditActs.KeyRotated, AuditOutcome.Succeeded, null) { Target = key.Id, Detail = "first" }, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            Created(logger, key.Id);
            ring.Reload();
        }
        await ring.SigningKeyAsync(cancellationToken);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Signing key {KeyId} made")]
    private static partial void Created(ILogger logger, Guid keyId);
}
