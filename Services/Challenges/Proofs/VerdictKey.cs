using System.Buffers.Text;
using System.Security.Cryptography;

namespace TalentSphere.Challenges.Proofs;

/// <summary>
/// A key pair that signs verdicts (ECDSA over P-256), as it is stored. It is never removed: what it signed is to be verifiable for as long as anybody keeps it.
/// </summary>
public sealed class VerdictKey
{
    private VerdictKey()
    {
    }

    /// <summary>The <c>kid</c>.</summary>
    public Guid Id { get; private set; }

    /// <summary>SubjectPublicKeyInfo, DER.</summary>
    public byte[] PublicKey { get; private set; } = [];

    /// <summary>PKCS #8, DER, encrypted.</summary>
    public byte[] SealedPrivateKey { get; private set; } = [];

    /// <summary>UTC. The youngest key signs.</summary>
    public DateTime CreatedAt { get; private set; }

    internal static VerdictKey Create(KeySeal seal, DateTime now)
    {
        using var pair = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var key = new VerdictKey { Id = Guid.CreateVersion7(), PublicKey = pair.ExportSubjectPublicKeyInfo(), CreatedAt = now };
        var secret = pair.ExportPkcs8PrivateKey();
        key.SealedPrivateKey = seal.Seal(secret, key.Id.ToString());
        CryptographicOperations.ZeroMemory(secret);
        return key;
    }

    /// <summary>The private key.</summary>
    internal ECParameters OpenPrivateKey(KeySeal seal)
    {
        byte[] secret;
        try
        {
            secret = seal.Open(SealedPrivateKey, Id.ToString());
        }
        catch (CryptographicException e)
        {
            throw new InvalidOperationException($"Verdict key {Id} cannot be read: it was stored under another Proofs:KeyEncryptionKey.", e);
        }
        using var pair = ECDsa.Create();
        pair.ImportPkcs8PrivateKey(secret, out _);
        CryptographicOperations.ZeroMemory(secret);
        return pair.ExportParameters(includePrivateParameters: true);
    }

    /// <summary>The public key as others read it (RFC 7517, RFC 7518 §6.2).</summary>
    internal PublishedVerdictKey Publish()
    {
        using var pair = ECDsa.Create();
        pair.ImportSubjectPublicKeyInfo(PublicKey, out _);
        var point = pair.ExportParameters(includePrivateParameters: false).Q;
        return new("EC", "P-256", Base64Url.EncodeToString(point.X), Base64Url.EncodeToString(point.Y), "sig", "ES256", Id.ToString());
    }
}

/// <summary>A key in the key set; members as RFC 7517 names them.</summary>
public sealed record PublishedVerdictKey(string Kty, string Crv, string X, string Y, string Use, string Alg, string Kid);

/// <summary>The key set (RFC 7517 §5).</summary>
public sealed record VerdictKeySet(IReadOnlyList<PublishedVerdictKey> Keys);
