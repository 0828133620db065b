using System.Net;
using System.Net.Http.Headers;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace TalentSphere.ServiceDefaults.Auth;

/// <summary>
/// The public keys, read from auth under the mesh's own name for it: a service neither goes through the gateway nor trusts a document to learn where its
/// keys are. They are read again every few seconds (<see cref="FollowAuth"/>), so that a key is known everywhere before it signs.
/// </summary>
internal sealed class KeySet(Uri address, HttpClient http, TimeProvider time) : IConfigurationManager<OpenIdConnectConfiguration>, IDisposable
{
    // A forger can name as many unknown keys as he likes: that makes us ask no oftener than this.
    private static readonly TimeSpan _betweenDemands = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _reading = new(1);
    private volatile OpenIdConnectConfiguration? _current;
    private EntityTagHeaderValue? _tag;
    private long _demandedAt;

    /// <summary>The keys; read first if they are not known yet.</summary>
    public async Task<OpenIdConnectConfiguration> GetConfigurationAsync(CancellationToken cancel)
    {
        if (_current is { } known)
            return known;
        await _reading.WaitAsync(cancel);
        try
        {
            return _current ?? await ReadAsync(cancel);
        }
        finally
        {
            _reading.Release();
        }
    }

    /// <summary>Reads the keys again.</summary>
    public async Task RefreshAsync(CancellationToken cancel)
    {
        await _reading.WaitAsync(cancel);
        try
        {
            await ReadAsync(cancel);
        }
        finally
        {
            _reading.Release();
        }
    }

    /// <summary>For a token that names a key nobody has told of: asks once more, if that was not done just now.</summary>
    public async Task DemandAsync(string keyId, CancellationToken cancel)
    {
        if (_current is not { } known || Holds(known, keyId))
            return;
        await _reading.WaitAsync(cancel);
        try
        {
            if (_demandedAt != 0 && time.GetElapsedTime(_demandedAt) < _betweenDemands)
                return;
            _demandedAt = time.GetTimestamp();
            await ReadAsync(cancel);
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException && !cancel.IsCancellationRequested)
        {
            // Then the token is judged by the keys that are known.
        }
        finally
        {
            _reading.Release();
        }
    }

    /// <summary>Not used: <see cref="FollowAuth"/> and <see cref="DemandAsync"/> decide when to read.</summary>
    public void RequestRefresh()
    {
    }

    public void Dispose() => _reading.Dispose();

    internal static bool Holds(OpenIdConnectConfiguration configuration, string keyId) => configuration.SigningKeys.Any(k => k.KeyId == keyId);

    private async Task<OpenIdConnectConfiguration> ReadAsync(CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        if (_current is not null && _tag is not null)
            request.Headers.IfNoneMatch.Add(_tag);
        using var response = await http.SendAsync(request, cancel);
        if (response.StatusCode == HttpStatusCode.NotModified && _current is { } same)
            return same;
        response.EnsureSuccessStatusCode();
        var set = JsonWebKeySet.Create(await response.Content.ReadAsStringAsync(cancel));
        var read = new OpenIdConnectConfiguration { JsonWebKeySet = set };
        foreach (var key in set.GetSigningKeys())
            read.SigningKeys.Add(key);
        _tag = response.Headers.ETag;
        return _current = read;
    }
}
