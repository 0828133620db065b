using System.Collections.Concurrent;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
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

    public static Digest DigestOf(string token)
    {
        Span<byte> bytes = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(token), bytes);
        return new(BitConverter.ToInt64(bytes), BitConverter.ToInt64(bytes[8..]), BitConverter.ToInt64(bytes[16..]), BitConverter.ToInt64(bytes[24..]));
    }

    /// <summary>SHA-256 of a token: the token itself is not kept.</summary>
    internal readonly record struct Digest(long A, long B, long C, long D);
}

/// <summary>What a good token said.</summary>
internal sealed record ValidatedToken(ClaimsIdentity Identity, SecurityToken Token, string KeyId);
