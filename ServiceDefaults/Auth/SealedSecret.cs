using System.Security.Cryptography;
using System.Text;

namespace TalentSphere.ServiceDefaults.Auth;

/// <summary>A secret at rest: AES-256-GCM (NIST SP 800-38D), as nonce, ciphertext and tag in one.</summary>
public static class SealedSecret
{
    private const int _nonceLength = 12;
    private const int _tagLength = 16;

    /// <summary>Encrypts.</summary>
    /// <param name="key">32 bytes.</param>
    /// <param name="plaintext">What to hide.</param>
    /// <param name="owner">What it belongs to: it opens for nothing else.</param>
    public static byte[] Seal(ReadOnlySpan<byte> key, ReadOnlySpan<byte> plaintext, string owner)
    {
        var sealedBytes = new byte[_nonceLength + plaintext.Length + _tagLength];
        var nonce = sealedBytes.AsSpan(0, _nonceLength);
        RandomNumberGenerator.Fill(nonce);
        using var aes = new AesGcm(key, _tagLength);
        aes.Encrypt(
            nonce, plaintext, sealedBytes.AsSpan(_nonceLength, plaintext.Length), sealedBytes.AsSpan(_nonceLength + plaintext.Length), Encoding.UTF8.GetBytes(owner));
        return sealedBytes;
    }

    /// <summary>Undoes <see cref="Seal"/>.</summary>
    /// <exception cref="CryptographicException">Sealed under another key, for another owner, or damaged.</exception>
    public static byte[] Open(ReadOnlySpan<byte> key, ReadOnlySpan<byte> sealedBytes, string owner)
    {
        if (sealedBytes.Length < _nonceLength + _tagLength)
            throw new CryptographicException("Too short to be sealed.");
        var plaintext = new byte[sealedBytes.Length - _nonceLength - _tagLength];
        using var aes = new AesGcm(key, _tagLength);
        aes.Decrypt(
            sealedBytes[.._nonceLength], sealedBytes.Slice(_nonceLength, plaintext.Length), sealedBytes[(_nonceLength + plaintext.Length)..], plaintext,
            Encoding.UTF8.GetBytes(owner));
        return plaintext;
    }
}
