using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using TalentSphere.Auth.Tokens;

namespace TalentSphere.Auth.Sessions;

/// <summary>
/// Makes refresh tokens. A successor is derived from the token presented and its row under a server key: it can be given again
/// without ever having been stored, and nobody without both can foresee it.
/// </summary>
internal sealed class RefreshSecrets(ServerKeys keys)
{
    private const int _bytes = 32;

    /// <summary>A fresh token: 256 random bits, base64url.</summary>
    public static string New() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(_bytes));

    /// <summary>What is stored of a token.</summary>
    public static byte[] Hash(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));

    /// <summary>The token that follows <paramref name="token"/>: the same every time.</summary>
    public string SuccessorOf(string token, Guid rowId) =>
        Base64Url.EncodeToString(keys.Fingerprint(ServerKeyPurpose.RefreshSuccessor, $"{rowId}.{token}"));
}
