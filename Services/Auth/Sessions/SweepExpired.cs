using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using TalentSphere.Auth.Data;
using TalentSphere.Auth.Devices;
using TalentSphere.ServiceDefaults.Data;

namespace TalentSphere.Auth.Sessions;

/// <summary>Deletes, once an hour, what can no longer change an answer: dead sessions, dead refresh tokens, forgotten failures.</summary>
internal sealed partial class SweepExpired(
    IServiceScopeFactory scopes, IDatabaseMigration migration, IOptions<AuthOptions> options, TimeProvider time, ILogger<SweepExpired> logger)
        : BackgroundService
{
    private static readonly TimeSpan _interval = TimeSpan.FromHours(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await migration.Completed.WaitAsync(stoppingToken);
        using var timer = new PeriodicTimer(_interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await SweepAsync(stoppingToken);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                NextTime(logger, e);
            }
        }
    }

    internal async Task SweepAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<AuthDbContext>();
        var now = time.GetUtcNow().UtcDateTime;
        await db.Sessions.Where(s => s.ExpiresAt < now).ExecuteDeleteAsync(cancellationToken);
        await db.RefreshTokens.Where(t => t.ExpiresAt < now).ExecuteDeleteAsync(cancellationToken);
        await db.OneTimeLinks.Where(l => l.ExpiresAt < now).ExecuteDeleteAsync(cancellationToken);
        var unused = now - KnownDevices.Memory;
        await db.KnownDevices.Where(d => d.LastUsedAt < unused).ExecuteDeleteAsync(cancellationToken);
        var forgotten = now - options.Value.LockDuration;
        var forgottenKeys = now - TimeSpan.FromDays(90);
        await db.ApiKeys.Where(k => k.ExpiresAt < forgottenKeys || k.RevokedAt < forgottenKeys).ExecuteDeleteAsync(cancellationToken);
        await db.SystemKeys.Where(k => k.ExpiresAt < forgottenKeys || k.RevokedAt < forgottenKeys).ExecuteDeleteAsync(cancellationToken);
        await db.UsedNonces.Where(n => n.Until < now).ExecuteDeleteAsync(cancellationToken);
        var dead = now - options.Value.AccessTokenLifetime - TimeSpan.FromHours(1);
        await db.RevokedTokens.Where(r => r.At < dead).ExecuteDeleteAsync(cancellationToken);
        await db.SignInFailures.Where(f => f.LastAt < forgotten && (f.LockedUntil == null || f.LockedUntil < now)).ExecuteDeleteAsync(cancellationToken);
        // A log that is kept elsewhere holds the chain of the audit down: who cuts its end off cannot cut it off there.
        if (await db.AuditHeads.AsNoTracking().SingleOrDefaultAsync(cancellationToken) is { } head)
            Anchor(logger, head.Sequence, Convert.ToHexStringLower(head.Hash));
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The audit ends with {Sequence}:{Hash}")]
    private static partial void Anchor(ILogger logger, long sequence, string hash);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Sweeping expired sessions failed; the next turn does it")]
    private static partial void NextTime(ILogger logger, Exception exception);
}
