using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using TalentSphere.Auth.Audit;
using TalentSphere.Auth.Data;
using TalentSphere.Auth.Sessions;
using TalentSphere.ServiceDefaults.Data;

namespace TalentSphere.Auth.Tokens;

/// <summary>Brings new signing keys into force and old ones out of it; replicas take turns.</summary>
internal sealed partial class KeyRotation(
    AuthDbContext db, ServerKeys serverKeys, KeyRing ring, AuditTrail audit, IOptions<AuthOptions> options, TimeProvider time, ILogger<KeyRotation> logger)
{
    private const long _lock = 7_235_406_101;

    /// <summary>
    /// Publishes a new key, which signs once everybody has had time to read it; the one before signs up to then and stays published until its last token is
    /// dead. While a new key waits to sign, the same one is told again.
    /// </summary>
    /// <param name="by">Who asks for it; null: the schedule.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public Task<SigningKey> RotateAsync(KeyChangedBy? by, CancellationToken cancellationToken) => InTurnAsync(by, by is null ? "on schedule" : "on demand", async now =>
    {
        if (await InForce(now).FirstOrDefaultAsync(k => k.NotBefore > now, cancellationToken) is { } pending)
            return pending;
        var key = SigningKey.Create(serverKeys, now, now + options.Value.KeyLead);
        foreach (var old in await InForce(now).ToListAsync(cancellationToken))
            old.Retire(key.NotBefore);
        db.SigningKeys.Add(key);
        return key;
    }, cancellationToken);

    /// <summary>A key was stolen: a new one signs at once, and no token of any older one is believed any more. Sessions go on with their next refresh.</summary>
    /// <param name="by">Who asks for it.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public Task<SigningKey> ReplaceAsync(KeyChangedBy? by, CancellationToken cancellationToken) => InTurnAsync(by, "emergency", async now =>
    {
        var key = SigningKey.Create(serverKeys, now, now);
        foreach (var old in await db.SigningKeys.Where(k => k.RetireAt == null || k.RetireAt > now - options.Value.AccessTokenLifetime).ToListAsync(cancellationToken))
            old.Withdraw(now, options.Value.AccessTokenLifetime);
        db.SigningKeys.Add(key);
        return key;
    }, cancellationToken);

    /// <summary>Rotates when the newest key has signed for long enough.</summary>
    public async Task RotateIfDueAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow().UtcDateTime;
        var due = now - options.Value.KeyLifetime;
        if (await db.SigningKeys.AnyAsync(cancellationToken) && !await InForce(now).AnyAsync(k => k.NotBefore > due, cancellationToken))
            await RotateAsync(by: null, cancellationToken);
    }

    private IQueryable<SigningKey> InForce(DateTime now) => db.SigningKeys.Where(k => k.RetireAt == null || k.RetireAt > now);

    private async Task<SigningKey> InTurnAsync(KeyChangedBy? by, string why, Func<DateTime, Task<SigningKey>> decide, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await db.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock({_lock})", cancellationToken);
        var key = await decide(time.GetDatabaseNow());
        if (db.ChangeTracker.HasChanges())
        {
            await db.SaveChangesAsync(cancellationToken);
            await audit.WriteAsync(
                new(AuditActs.KeyRotated, AuditOutcome.Succeeded, by?.From) { Actor = by?.AccountId, Target = key.Id, Detail = why }, cancellationToken);
        }
        await transaction.CommitAsync(cancellationToken);
        ring.Reload();
        Signs(logger, key.Id, key.NotBefore);
        return key;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Signing key {KeyId} signs from {NotBefore:O} on")]
    private static partial void Signs(ILogger logger, Guid keyId, DateTime notBefore);
}

/// <summary>Who changes the keys, and from where.</summary>
internal sealed record KeyChangedBy(Guid AccountId, Caller From);

/// <summary>Asks once an hour whether a rotation is due.</summary>
internal sealed partial class RotateKeysOnSchedule(
    IServiceScopeFactory scopes, IDatabaseMigration migration, TimeProvider time, ILogger<RotateKeysOnSchedule> logger) : BackgroundService
{
    private static readonly TimeSpan _interval = TimeSpan.FromHours(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await migration.Completed.WaitAsync(stoppingToken);
        using var timer = new PeriodicTimer(_interval, time);
        do
        {
            try
            {
                await using var scope = scopes.CreateAsyncScope();
                await scope.ServiceProvider.GetRequiredService<KeyRotation>().RotateIfDueAsync(stoppingToken);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                NextTime(logger, e);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The signing key could not be rotated; the next turn does it")]
    private static partial void NextTime(ILogger logger, Exception exception);
}
