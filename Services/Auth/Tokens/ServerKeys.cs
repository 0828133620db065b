using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using TalentSphere.ServiceDefaults.Auth;

namespace TalentSphere.Auth.Tokens;

/// <summary>What a derived key is for; a key never serves two purposes.</summary>
internal enum ServerKeyPurpose
{
    /// <summary>Encrypts private signing keys at rest.</summary>
    SigningKeyEncryption,

    /// <summary>Derives a refresh token's successor.</summary>
    RefreshSuccessor,

    /// <summary>Stands for an address in the table of failed sign-ins.</summary>
    SignInFailure,

    /// <summary>Tells whether a seeded password moved.</summary>
    SeedFingerprint,

    /// <summary>Makes the id of an erasure case of the account's.</summary>
    ErasureReceipt,

    /// <summary>Stands for the name and the network of a device that is known.</summary>
    KnownDevice,

    /// <summary>Encrypts what is shared with authenticators.</summary>
    AuthenticatorEncryption,

    /// <summary>Stands for a recovery code.</summary>
    RecoveryCode,

    /// <summary>Encrypts mails that wait.</summary>
    MailEncryption,

    /// <summary>Derives the secret of a link that is mailed.</summary>
    OneTimeLink,

    /// <summary>Links the entries of the audit.</summary>
    AuditChain,

    /// <summary>Commits an entry of the audit to where it came from.</summary>
    AuditOrigin,

    /// <summary>Stands for an address in the audit.</summary>
    AuditAddress,

    /// <summary>Encrypts what other systems sign with.</summary>
    SystemKeyEncryption,
}

/// <summary>Keys derived from <c>Auth:KeyEncryptionKey</c> (HKDF-SHA256, RFC 5869), and what is done with them.</summary>
internal sealed class ServerKeys(IOptions<AuthOptions> options)
{
    private const int _keyLength = 32;

    private readonly Dictionary<ServerKeyPurpose, byte[]> _keys = Enum.GetValues<ServerKeyPurpose>().ToDictionary(p => p, p => HKDF.DeriveKey(
        HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(options.Value.KeyEncryptionKey), _keyLength, info: Encoding.UTF8.GetBytes("talentsphere.auth." + p)));

    /// <summary>HMAC-SHA256 under the purpose's key.</summary>
    public byte[] Fingerprint(ServerKeyPurpose purpose, ReadOnlySpan<byte> data) => HMACSHA256.HashData(_keys[purpose], data);

    /// <inheritdoc cref="Fingerprint(ServerKeyPurpose, ReadOnlySpan{byte})"/>
    public byte[] Fingerprint(ServerKeyPurpose purpose, string text) => Fingerprint(purpose, Encoding.UTF8.GetBytes(text));

    /// <summary>Encrypts (<see cref="SealedSecret"/>).</summary>
    /// <param name="plaintext">What to hide.</param>
    /// <param name="owner">What it belongs to: it opens for nothing else.</param>
    /// <param name="purpose">Which key.</param>
    public byte[] Seal(ReadOnlySpan<byte> plaintext, string owner, ServerKeyPurpose purpose = ServerKeyPurpose.SigningKeyEncryption) =>
        SealedSecret.Seal(_keys[purpose], plaintext, owner);

    /// <summary>Undoes <see cref="Seal"/>.</summary>
    /// <exception cref="CryptographicException">Sealed under another key, for another owner, or damaged.</exception>
    public byte[] Open(ReadOnlySpan<byte> sealedBytes, string owner, ServerKeyPurpose purpose = ServerKeyPurpose.SigningKeyEncryption) =>
        SealedSecret.Open(_keys[purpose], sealedBytes, owner);
}
