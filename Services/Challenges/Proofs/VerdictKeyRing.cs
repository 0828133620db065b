using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using TalentSphere.Challenges.Data;
using TalentSphere.ServiceDefaults.Data;

namespace TalentSphere.Challenges.Proofs;

/// <summary>Signs with the youngest key. Keys are only ever added, so those in memory stay right; a younger one is taken up within a minute.</summary>
internal sealed class VerdictKeyRing(IServiceScopeFactory scopes, KeySeal seal, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan _fresh = TimeSpan.FromMinutes(1);

    private readonly SemaphoreSlim _loading = new(1);
    private Loaded? _loaded;

    /// <summary>Signs a statement.</summary>
    /// <exception cref="InvalidOperationException">There is no key yet, or it was stored under another secret.</exception>
    public async Task<string> SignAsync(VerdictStatement statement, CancellationToken cancellationToken)
    {
        var loaded = await LoadedAsync(cancellationToken);
        using var key = ECDsa.Create(loaded.PrivateKey);
        return VerdictProof.Sign(statement, key, loaded.Keys.Keys[^1].Kid);
    }

    /// <summary>Every key that ever signed.</summary>
    public async Task<VerdictKeySet> PublishedAsync(CancellationToken cancellationToken) => (await LoadedAsync(cancellationToken)).Keys;

    public void Dispose() => _loading.Dispose();

    private async ValueTask<Loaded> LoadedAsync(CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _loaded) is { } loaded && time.GetElapsedTime(loaded.At) < _fresh)
            return loaded;
        await _loading.WaitAsync(cancellationToken);
        try
        {
            if (_loaded is { } renewed && time.GetElapsedTime(renewed.At) < _fresh)
                return renewed;
            await using var scope = scopes.CreateAsyncScope();
            var stored = await scope.ServiceProvider.GetRequiredService<ChallengesDbContext>().VerdictKeys.AsNoTracking()
                .OrderBy(k => k.CreatedAt).ThenBy(k => k.Id).ToListAsync(cancellationToken);
            if (stored.Count == 0)
                throw new InvalidOperationException("There is no verdict key yet.");
            var read = new Loaded(time.GetTimestamp(), new([.. stored.Select(k => k.Publish())]), stored[^1].OpenPrivateKey(seal));
            Volatile.Write(ref _loaded, read);
            return read;
        }
        finally
        {
            _loading.Release();
        }
    }

    private sealed record Loaded(long At, VerdictKeySet Keys, ECParameters PrivateKey);
}

/// <summary>Makes the first key; replicas take turns, so that there is one. Then proves that it can be read.</summary>
internal sealed partial class CreateFirstVerdictKey(
    ChallengesDbContext db, KeySeal seal, VerdictKeyRing ring, TimeProvider time, ILogger<CreateFirstVerdictKey> logger) : IStartupTask
{
    private const long _lock = 7_235_406_201;

    public async Task RunAsync(IServiceProvider scope, CancellationToken cancellationToken)
    {
        await using (var transaction = await db.Database.BeginTransactionAsync(cancellationToken))
        {
            await db.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock({_lock})", cancellationToken);
            if (!await db.VerdictKeys.AnyAsync(cancellationToken))
            {
                var key = VerdictKey.Create(seal, time.GetDatabaseNow());
                db.VerdictKeys.Add(key);
                await db.SaveChangesAsync(cancellationToken);
                await transaction.CommitAsync(cancellationToken);
                Created(logger, key.Id);
            }
        }
        await ring.PublishedAsync(cancellationToken);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Made verdict key {Id}")]
    private static partial void Created(ILogger logger, Guid id);
}
