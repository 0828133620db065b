using System.Threading.RateLimiting;
using Microsoft.Extensions.Options;
using TalentSphere.ServiceDefaults.Errors;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Auth.Passwords;

/// <summary>
/// Hashes passwords a few at a time, on threads of their own: a storm of sign-ins takes its share of the cores and leaves the rest
/// of the service answering. Who finds the queue full is told to come back (429: a 503 would open the gateway's breaker for routes
/// that need no hashing).
/// </summary>
internal sealed class PasswordHashing(IOptions<AuthOptions> options) : IDisposable
{
    private static readonly TimeSpan _comeBack = TimeSpan.FromSeconds(2);

    private readonly int _rounds = options.Value.PasswordRounds;
    private readonly PasswordHash _nobodys = PasswordHash.Unmatchable(options.Value.PasswordRounds);

    private readonly ConcurrencyLimiter _turns = new(new ConcurrencyLimiterOptions
    {
        PermitLimit = options.Value.ConcurrentHashes > 0 ? options.Value.ConcurrentHashes : Environment.ProcessorCount,
        QueueLimit = options.Value.WaitingHashes,
        QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
    });

    /// <summary>The stored form of a new password.</summary>
    /// <exception cref="ApiException">Too many wait already (429 <c>AUTH_BUSY</c>).</exception>
    public Task<string> HashAsync(string password, CancellationToken cancellationToken) =>
        InTurnAsync(() => PasswordHash.Create(password, _rounds).ToString(), cancellationToken);

    /// <summary>Checks a password; for an account that does not exist (null) it does the same work and says no.</summary>
    /// <exception cref="ApiException">Too many wait already (429 <c>AUTH_BUSY</c>).</exception>
    public Task<bool> VerifyAsync(string? stored, string password, CancellationToken cancellationToken)
    {
        var hash = stored is null ? _nobodys : PasswordHash.Parse(stored);
        return InTurnAsync(() => hash.Matches(password), cancellationToken);
    }

    /// <summary>True when the stored form was made with other parameters than today's.</summary>
    public bool IsOutdated(string stored) => PasswordHash.Parse(stored).Rounds != _rounds;

    public void Dispose() => _turns.Dispose();

    private async Task<T> InTurnAsync<T>(Func<T> work, CancellationToken cancellationToken)
    {
        using var turn = await _turns.AcquireAsync(1, cancellationToken);
        if (!turn.IsAcquired)
            throw new ApiException(Api.Problem(StatusCodes.Status429TooManyRequests, "AUTH_BUSY", "Too many people sign in at the moment.")
                .RetryAfter(_comeBack));
        return await Task.Factory.StartNew(work, cancellationToken,
            TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach, TaskScheduler.Default);
    }
}
