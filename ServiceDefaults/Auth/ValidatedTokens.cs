using System.Collections.Concurrent;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace TalentSphere.ServiceDefaults.Auth;

/// <summary>
/// Tokens whose signature and claims were found good: checking a signature costs a hundred times what finding it again does. An entry is good until its token
/// expires and as long as its key is published; whether it was revoked is asked each time, elsewhere. Bounded: two halves, of which the older is dropped when
/// the younger is full.
/// </summary>
/// <param name="capacity">The most tokens in each half; 0: nothing is kept.</param>
internal sealed class ValidatedTokens(int capacity)
{
    private readonly Lock _turning = new();
    private ConcurrentDictionary<Digest, ValidatedToken> _young = new();
    private ConcurrentDictionary<Digest, ValidatedToken> _old = new();

    public ValidatedToken? Find(in Digest digest)
    {
        if (_young.TryGetValue(digest, out var found))
            return found;
        if (!_old.TryGetValue(digest, out found))
            return null;
        Keep(digest, found);
        return found;
    }

    public void Keep(in Digest digest, ValidatedToken token)
    {
        if (capacity == 0)
            return;
        _young[digest] = token;
        if (_young.Count <= capacity)
            return;
        lock (_turning)
        {
            if (_young.Count <= capacity)
                return;
            _old = _young;
            _young = new();
        }
    }

    public static Digest DigestOf(ReadOnlySpan<char> token)
    {
        Span<byte> bytes = stackalloc byte[SHA256.HashSizeInBytes];
        var most = Encoding.UTF8.GetMaxByteCount(token.Length);
        Span<byte> text = most <= 4096 ? stackalloc byte[4096] : new byte[most];
        SHA256.HashData(text[..Encoding.UTF8.GetBytes(token, text)], bytes);
        return new(BitConverter.ToInt64(bytes), BitConverter.ToInt64(bytes[8..]), BitConverter.ToInt64(bytes[16..]), BitConverter.ToInt64(bytes[24..]));
    }

    /// <summary>SHA-256 of a token: the token itself is not kept.</summary>
    internal readonly record struct Digest(long A, long B, long C, long D);
}

/// <summary>What a good token said.</summary>
internal sealed class ValidatedToken(ClaimsIdentity identity, SecurityToken token, string keyId)
{
    private volatile OpenIdConnectConfiguration? _holdsKey;

    public ClaimsIdentity Identity => identity;

    /// <summary>The outcome of its check, the same for every request: nobody changes it.</summary>
    public Task<AuthenticateResult> Result { get; } = Task.FromResult(AuthenticateResult.Success(new(
        new ClaimsPrincipal(identity), new AuthenticationProperties { ExpiresUtc = new DateTimeOffset(token.ValidTo, TimeSpan.Zero) }, JwtBearerDefaults.AuthenticationScheme)));

    public SecurityToken Token => token;

    /// <summary>What revocations are about.</summary>
    public TokenOrigin Origin { get; } = TokenOrigin.Of(new ClaimsPrincipal(identity));

    /// <summary>What outlives a request is asked about by this.</summary>
    public AcceptedToken Accepted { get; } = new(new ClaimsPrincipal(identity), keyId, token.ValidTo);

    /// <summary>True until the token expires.</summary>
    public bool IsAlive(TimeSpan clockSkew) => DateTime.UtcNow < token.ValidTo + clockSkew;

    /// <summary>True while the key that signed the token is published.</summary>
    public bool IsSignedBy(IEnumerable<SecurityKey>? keys)
    {
        foreach (var key in keys ?? [])
        {
            if (key.KeyId == keyId)
                return true;
        }
        return false;
    }

    /// <summary>The same of a whole configuration, which is looked through once: it is replaced when the keys change.</summary>
    public bool IsSignedBy(OpenIdConnectConfiguration configuration)
    {
        if (_holdsKey == configuration)
            return true;
        if (!IsSignedBy(configuration.SigningKeys))
            return false;
        _holdsKey = configuration;
        return true;
    }
}
