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
/// The signing keys, in memory for a minute at a time: no request waits for the database on their account, and a key that another
/// replica made is known before it signs.
/// </summary>
internal sealed partial class KeyRing(
    IServiceScopeFactory scopes, ServerKeys serverKeys, IOptions<AuthOptions> options, TimeProvider time, ILogger<KeyRing> logger)
    : IConfigurationManager<OpenIdConnectConfiguration>, IDisposable
{
    private static readonly TimeSpan _fresh = TimeSpan.FromMinutes(1);

    private readonly SemaphoreSlim _loading = new(1);
    private volatile Loaded? _loaded;

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

    /// <summary>Forgets what is in memory.</summary>
    public void Reload() => _loaded = null;

    /// <summary>The same keys, for the token check of this very process.</summary>
    async Task<OpenIdConnectConfiguration> IConfigurationManager<OpenIdConnectConfiguration>.GetConfigurationAsync(CancellationToken cancel) =>
        (await LoadedAsync(cancel)).Configuration;

    /// <summary>Called for a token with an unknown key: a forger must not be able to make us read the database, so the minute stands.</summary>
    void IConfigurationManager<OpenIdConnectConfiguration>.RequestRefresh()
    {
    }

    public void Dispose() => _loading.Dispose();

    private DateTime Now => time.GetUtcNow().UtcDateTime;

    private async ValueTask<Loaded> LoadedAsync(CancellationToken cancellationToken)
    {
        if (_loaded is { } fresh && time.GetElapsedTime(fresh.At) < _fresh)
            return fresh;
        await _loading.WaitAsync(cancellationToken);
        try
        {
            if (_loaded is { } current && time.GetElapsedTime(current.At) < _fresh)
                return current;
            return _loaded = await ReadAsync(cancellationToken);
        }
        catch (Exception e) when (_loaded is not null && !cancellationToken.IsCancellationRequested)
        {
            // Asked again in a minute, not by every request while the database is away.
            StillOld(logger, e);
            return _loaded = _loaded with { At = time.GetTimestamp() };
        }
        finally
        {
            _loading.Release();
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

    [LoggerMessage(Level = LogLevel.Warning, Message = "The signing keys could not be read again; those in memory go on")]
    private static partial void StillOld(ILogger logger, Exception exception);

    private sealed record LoadedKey(SigningKey Stored, ECParameters PrivateKey, PublishedKey Published);

    private sealed record Loaded(long At, IReadOnlyList<LoadedKey> Keys, OpenIdConnectConfiguration Configuration);
}
