using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;
using TalentSphere.Auth.Data;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Auth.Tokens;

/// <summary>
/// The signing keys, in memory. Once they are loaded no request waits for the database on their account: whoever finds them older than
/// a minute gets them all the same and has them read again in the background, one reading at a time. What another replica changed is
/// known here after the first use that follows that minute.
/// </summary>
internal sealed partial class KeyRing(
    IServiceScopeFactory scopes, ServerKeys serverKeys, IOptions<AuthOptions> options, TimeProvider time, ILogger<KeyRing> logger)
    : IConfigurationManager<OpenIdConnectConfiguration>, IDisposable
{
    private static readonly TimeSpan _fresh = TimeSpan.FromMinutes(1);

    private readonly SemaphoreSlim _loading = new(1);
    private readonly CancellationTokenSource _stopping = new();
    private volatile Loaded? _loaded;
    private int _refreshing;

    /// <summary>The key that signs now: of those that may, the one that began last.</summary>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    public async ValueTask<(string Id, ECParameters PrivateKey)> SigningKeyAsync(CancellationToken cancellationToken)
    {
        var now = Now;
        var key = (await LoadedAsync(cancellationToken)).Keys.Where(k => k.Stored.Signs(now)).MaxBy(k => k.Stored.NotBefore);
        return key is null ? throw new InvalidOperationException("No signing key is in force.") : (key.Published.Kid, key.PrivateKey);
    }

    /// <summary>Every key that a live token may bear.</summary>
    public async ValueTask<PublishedKeySet> PublishedAsync(CancellationToken cancellationToken)
    {
        var now = Now;
        return new([.. (await LoadedAsync(cancellationToken)).Keys.Where(k => k.Stored.IsLive(now, options.Value.AccessTokenLifetime))
            .Select(k => k.Published)]);
    }

    /// <summary>Forgets what is in memory: the keys were changed here.</summary>
    public void Reload() => _loaded = null;

    /// <summary>The same keys, for the token check of this very process.</summary>
    async Task<OpenIdConnectConfiguration> IConfigurationManager<OpenIdConnectConfiguration>.GetConfigurationAsync(CancellationToken cancel) =>
        (await LoadedAsync(cancel)).Configuration;

    /// <summary>Called for a token with an unknown key: a forger must not be able to make us read the database, so the minute stands.</summary>
    void IConfigurationManager<OpenIdConnectConfiguration>.RequestRefresh()
    {
    }

    public void Dispose()
    {
        _stopping.Cancel();
        _stopping.Dispose();
        _loading.Dispose();
    }

    private DateTime Now => time.GetUtcNow().UtcDateTime;

    private ValueTask<Loaded> LoadedAsync(CancellationToken cancellationToken)
    {
        if (_loaded is not { } loaded)
            return new(LoadAsync(cancellationToken));
        if (time.GetElapsedTime(loaded.At) >= _fresh && Interlocked.Exchange(ref _refreshing, 1) == 0)
        {
            var stop = _stopping.Token;
            _ = Task.Run(() => RefreshAsync(loaded, stop), stop);
        }
        return new(loaded);
    }

    private async Task<Loaded> LoadAsync(CancellationToken cancellationToken)
    {
        await _loading.WaitAsync(cancellationToken);
        try
        {
            return _loaded ??= await ReadAsync(cancellationToken);
        }
        finally
        {
            _loading.Release();
        }
    }

    private async Task RefreshAsync(Loaded old, CancellationToken stop)
    {
        try
        {
            // Whoever said Reload meanwhile knows better than what was read before.
            var read = await ReadAsync(stop);
            Interlocked.CompareExchange(ref _loaded, read, old);
        }
        catch (Exception e) when (!stop.IsCancellationRequested)
        {
            // Asked again in a minute, not by every request while the database is away.
            StillOld(logger, e.Message);
            Interlocked.CompareExchange(ref _loaded, old with { At = time.GetTimestamp() }, old);
        }
        finally
        {
            Volatile.Write(ref _refreshing, 0);
        }
    }

    private async Task<Loaded> ReadAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var lifetime = options.Value.AccessTokenLifetime;
        var now = Now;
        var stored = await scope.ServiceProvider.GetRequiredService<AuthDbContext>().SigningKeys.AsNoTracking()
            .Where(k => k.RetireAt == null || k.RetireAt > now - lifetime).OrderBy(k => k.NotBefore).ToListAsync(cancellationToken);
        // Kept in memory, an empty ring would outlive the moment before the first key is made.
        if (stored.Count == 0)
            throw new InvalidOperationException("There is no signing key yet.");
        var keys = stored.Select(k => new LoadedKey(k, k.OpenPrivateKey(serverKeys), k.Publish())).ToList();
        var set = JsonWebKeySet.Create(JsonSerializer.Serialize(new PublishedKeySet([.. keys.Select(k => k.Published)]), ApiJson.Options));
        var configuration = new OpenIdConnectConfiguration { JsonWebKeySet = set };
        foreach (var key in set.GetSigningKeys())
            configuration.SigningKeys.Add(key);
        return new(time.GetTimestamp(), keys, configuration);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The signing keys could not be read again; those in memory go on: {Reason}")]
    private static partial void StillOld(ILogger logger, string reason);

    private sealed record LoadedKey(SigningKey Stored, ECParameters PrivateKey, PublishedKey Published);

    private sealed record Loaded(long At, IReadOnlyList<LoadedKey> Keys, OpenIdConnectConfiguration Configuration);
}
