using System.Net;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using TalentSphere.Auth.Data;
using TalentSphere.Auth.Sessions;
using TalentSphere.Auth.Tokens;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Auth.SignIn;

/// <summary>
/// Locks sign-in under an address after too many failures in a row. It asks before the password is hashed and again after: of any
/// number of guesses made at once, only those that finish before the lock falls learn anything, while the owner may sign in on
/// twenty devices at a time. Sessions are not touched.
/// </summary>
internal sealed class SignInLock(AuthDbContext db, ServerKeys keys, IOptions<AuthOptions> options, TimeProvider time)
{
    /// <summary>423: come back when it is open again.</summary>
    public static ApiProblem Refusal(TimeSpan remaining) =>
        Api.Problem(StatusCodes.Status423Locked, "AUTH_LOCKED", "Too many failed sign-ins under this address; try again later.").RetryAfter(remaining);

    /// <summary>429: too many failures from where this comes from, under whatever address.</summary>
    public static ApiProblem AddressRefusal(TimeSpan remaining) =>
        Api.Problem(StatusCodes.Status429TooManyRequests, "RATE_LIMITED", "Too many failed sign-ins from your network; try again later.").RetryAfter(remaining);

    /// <summary>The key of a known device's own count. No address holds a line break.</summary>
    public byte[] KeyOfDevice(Guid device) => keys.Fingerprint(ServerKeyPurpose.SignInFailure, $"\ndevice\n{device}");

    /// <summary>The key of a session's own count.</summary>
    public byte[] KeyOfSession(Guid session) => keys.Fingerprint(ServerKeyPurpose.SignInFailure, $"\nsession\n{session}");

    /// <summary>The key of the count of everybody in a network: an IPv4 address, an IPv6 /64. Null where it is not known.</summary>
    public byte[]? KeyOfAddress(Caller caller)
    {
        if (!IPAddress.TryParse(caller.IpAddress, out var address))
            return null;
        var bytes = address.GetAddressBytes();
        return keys.Fingerprint(ServerKeyPurpose.SignInFailure, $"\naddress\n{Convert.ToHexStringLower(bytes.AsSpan(0, Math.Min(8, bytes.Length)))}");
    }

    /// <summary>The row's key for an address.</summary>
    public byte[] KeyOf(string normalizedEmail) => keys.Fingerprint(ServerKeyPurpose.SignInFailure, normalizedEmail);

    /// <summary>How long sign-in stays locked; null when it is open.</summary>
    public async Task<TimeSpan?> RemainingAsync(byte[] key, CancellationToken cancellationToken)
    {
        var now = Now;
        var until = await db.SignInFailures.Where(f => f.Key == key).Select(f => f.LockedUntil).SingleOrDefaultAsync(cancellationToken);
        return until > now ? until - now : null;
    }

    /// <summary>Counts a failure.</summary>
    /// <returns>True when it was counted; false when the lock had fallen before.</returns>
    public Task<bool> CountFailureAsync(byte[] key, CancellationToken cancellationToken) => CountAsync(key, options.Value.FailuresBeforeLock, cancellationToken);

    /// <summary>Counts a failure of a whole network.</summary>
    public Task CountAddressFailureAsync(byte[] key, CancellationToken cancellationToken) => CountAsync(key, options.Value.FailuresPerAddress, cancellationToken);

    private async Task<bool> CountAsync(byte[] key, int limit, CancellationToken cancellationToken)
    {
        var now = Now;
        var (stale, until) = (now - options.Value.LockDuration, now + options.Value.LockDuration);
        // One statement, so that any number of guesses at once are counted one by one. A lock is never prolonged.
        var failures = await db.Database.SqlQuery<int>($"""
            INSERT INTO sign_in_failures AS f (key, failures, last_at) VALUES ({key}, 1, {now})
            ON CONFLICT (key) DO UPDATE SET
                failures = CASE WHEN f.last_at < {stale} OR f.locked_until <= {now} THEN 1 ELSE f.failures + 1 END,
                locked_until = CASE
                    WHEN f.last_at < {stale} OR f.locked_until <= {now} THEN NULL
                    WHEN f.locked_until IS NULL AND f.failures + 1 >= {limit} THEN {until}
                    ELSE f.locked_until END,
                last_at = {now}
            RETURNING f.failures AS "Value"
            """).ToListAsync(cancellationToken);
        return failures[0] <= limit;
    }

    /// <summary>Forgets failures after a success; a lock that fell meanwhile stays.</summary>
    public async Task ForgetAsync(byte[] key, CancellationToken cancellationToken)
    {
        var now = Now;
        await db.SignInFailures.Where(f => f.Key == key && (f.LockedUntil == null || f.LockedUntil <= now)).ExecuteDeleteAsync(cancellationToken);
    }

    /// <summary>Opens a sign-in that is locked, for an owner who proved to be one in another way.</summary>
    public Task OpenAsync(byte[] key, CancellationToken cancellationToken) => db.SignInFailures.Where(f => f.Key == key).ExecuteDeleteAsync(cancellationToken);

    private DateTime Now => time.GetUtcNow().UtcDateTime;
}
