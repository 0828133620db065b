using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;

namespace TalentSphere.Challenges.Proofs;

/// <summary>Hides private keys at rest: AES-256-GCM under a key derived from <c>Proofs:KeyEncryptionKey</c> (HKDF-SHA256, RFC 5869).</summary>
internal sealed class KeySeal(IOptions<ProofOptions> options)
{
    private const int _nonceLength = 12;
    private const int _tagLength = 16;

    private readonly byte[] _key = HKDF.DeriveKey(
        HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(options.Value.KeyEncryptionKey), 32, info: "talentsphere.challenges.verdict-keys"u8.ToArray());

    /// <summary>Encrypts: nonce, ciphertext, tag.</summary>
    /// <param name="plaintext">What to hide.</param>
    /// <param name="owner">What it belongs to: it opens for nothing else.</param>
    public byte[] Close(ReadOnlySpan<byte> plaintext, string owner)
    {
        var closed = new byte[_nonceLength + plaintext.Length + _tagLength];
        var nonce = closed.AsSpan(0, _nonceLength);
        RandomNumberGenerator.Fill(nonce);
        using var aes = new AesGcm(_key, _tagLength);
        aes.Encrypt(nonce, plaintext, closed.AsSpan(_nonceLength, plaintext.Length), closed.AsSpan(_nonceLength + plaintext.Length), Encoding.UTF8.GetBytes(owner));
        return closed;
    }

    /// <summary>Undoes <see cref="Close"/>.</summary>
    /// <exception cref="CryptographicException">Closed under another key, for another owner, or damaged.</exception>
    public byte[] Open(ReadOnlySpan<byte> closed, string owner)
    {
        if (closed.Length < _nonceLength + _tagLength)
            throw new CryptographicException("Too short to be sealed.");
        var plaintext = new byte[closed.Length - _nonceLength - _tagLength];
        using var aes = new AesGcm(_key, _tagLength);
        aes.Decrypt(
            closed[.._nonceLength], closed.Slice(_nonceLength, plaintext.Length), closed[(_nonceLength + plaintext.Length)..], plaintext, Encoding.UTF8.GetBytes(owner));
        return plaintext;
    }
}
