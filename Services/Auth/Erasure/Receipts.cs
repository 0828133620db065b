using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using TalentSphere.Auth.Tokens;

namespace TalentSphere.Auth.Erasure;

/// <summary>
/// Case ids: whoever has one may see how far the erasure is, without an account, for there is none any more. Derived from the account's id under a server
/// key, they need not be stored to be told again to somebody whose first answer got lost, and nobody without the key can guess one.
/// </summary>
internal sealed class Receipts(ServerKeys keys)
{
    /// <summary>The id of the case about an account: 256 bits, base64url.</summary>
    public string CaseIdOf(Guid userId) => Base64Url.EncodeToString(keys.Fingerprint(ServerKeyPurpose.ErasureReceipt, userId.ToString()));

    /// <summary>What the case is stored under.</summary>
    public static byte[] Hash(string caseId) => SHA256.HashData(Encoding.UTF8.GetBytes(caseId));

    /// <summary>Where to ask.</summary>
    public static string PathOf(string caseId) => "/api/v1/auth/erasures/" + caseId;
}
