using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using TalentSphere.ServiceDefaults.Auth;

namespace TalentSphere.Challenges.Proofs;

/// <summary>Hides private keys at rest: <see cref="SealedSecret"/> under a key derived from <c>Proofs:KeyEncryptionKey</c> (HKDF-SHA256, RFC 5869).</summary>
internal sealed class KeySeal(IOptions<ProofOptions> options)
{
    private readonly byte[] _key = HKDF.DeriveKey(
        HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(options.Value.KeyEncryptionKey), 32, info: "talentsphere.challenges.verdict-keys"u8.ToArray());

    /// <summary>Encrypts (<see cref="SealedSecret"/>).</summary>
    /// <param name="plaintext">What to hide.</param>
    /// <param name="owner">What it belongs to: it opens for nothing else.</param>
    public byte[] Seal(ReadOnlySpan<byte> plaintext, string owner) => SealedSecret.Seal(_key, plaintext, owner);

    /// <summary>Undoes <see cref="Seal"/>.</summary>
    /// <exception cref="CryptographicException">Sealed under another key, for another owner, or damaged.</exception>
    public byte[] Open(ReadOnlySpan<byte> sealedBytes, string owner) => SealedSecret.Open(_key, sealedBytes, owner);
}
