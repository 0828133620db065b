using System.Security.Cryptography;

namespace TalentSphere.Auth.Tokens;

/// <summary>A key pair that signs access tokens (ECDSA over P-256), as it is stored.</summary>
public sealed class SigningKey
{
    private SigningKey()
    {
    }

    /// <summary>The <c>kid</c>.</summary>
    public Guid Id { get; private set; }

    /// <summary>SubjectPublicKeyInfo, DER.</summary>
    public byte[] PublicKey { get; private set; } = [];

    /// <summary>PKCS #8, DER, encrypted.</summary>
    public byte[] SealedPrivateKey { get; private set; } = [];

    public DateTime CreatedAt { get; private set; }

    /// <summary>It signs from here on; it is published before.</summary>
    public DateTime NotBefore { get; private set; }

    /// <summary>It signs up to here, and stays published until its last token is dead. Null: until further notice.</summary>
    public DateTime? RetireAt { get; private set; }

    /// <summary>Makes a key pair.</summary>
    /// <param name="keys">Hides the private part.</param>
    /// <param name="now">UTC.</param>
    /// <param name="notBefore">When it begins to sign, UTC.</param>
    internal static SigningKey Create(ServerKeys keys, DateTime now, DateTime notBefore)
    {
        using var pair = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var key = new SigningKey { Id = Guid.CreateVersion7(), PublicKey = pair.ExportSubjectPublicKeyInfo(), CreatedAt = now, NotBefore = notBefore };
        var secret = pair.ExportPkcs8PrivateKey();
        key.SealedPrivateKey = keys.Seal(secret, key.Id.ToString());
        CryptographicOperations.ZeroMemory(secret);
        return key;
    }

    /// <summary>True while it may sign.</summary>
    public bool Signs(DateTime now) => NotBefore <= now && (RetireAt is null || now < RetireAt);

    /// <summary>True while a token that it signed, or is about to sign, may be shown to somebody.</summary>
    public bool IsLive(DateTime now, TimeSpan tokenLifetime) => RetireAt is null || now < RetireAt + tokenLifetime;

    /// <summary>Lets it sign up to <paramref name="at"/> and no longer.</summary>
    internal void Retire(DateTime at)
    {
        if (RetireAt is null || at < RetireAt)
            RetireAt = at;
    }

    /// <summary>Takes it out of the key set at once: every token that it signed is worthless.</summary>
    internal void Withdraw(DateTime now, TimeSpan tokenLifetime) => Retire(now - tokenLifetime);

    /// <summary>The private key.</summary>
    internal ECParameters OpenPrivateKey(ServerKeys keys)
    {
        byte[] secret;
        try
        {
            secret = keys.Open(SealedPrivateKey, Id.ToString());
        }
        catch (CryptographicException e)
        {
            throw new InvalidOperationException($"Signing key {Id} cannot be read: it was stored under another Auth:KeyEncryptionKey.", e);
        }
        using var pair = ECDsa.Create();
        pair.ImportPkcs8PrivateKey(secret, out _);
        CryptographicOperations.ZeroMemory(secret);
        return pair.ExportParameters(includePrivateParameters: true);
    }

    /// <summary>The public key as others read it (RFC 7517, RFC 7518 §6.2).</summary>
    internal PublishedKey Publish()
    {
        using var pair = ECDsa.Create();
        pair.ImportSubjectPublicKeyInfo(PublicKey, out _);
        var point = pair.ExportParameters(includePrivateParameters: false).Q;
        return new("EC", "P-256", Base64Url(point.X!), Base64Url(point.Y!), "sig", "ES256", Id.ToString());
    }

    private static string Base64Url(byte[] bytes) => System.Buffers.Text.Base64Url.EncodeToString(bytes);
}

/// <summary>A key in the key set; members as RFC 7517 names them.</summary>
public sealed record PublishedKey(string Kty, string Crv, string X, string Y, string Use, string Alg, string Kid);

/// <summary>The key set (RFC 7517 §5).</summary>
public sealed record PublishedKeySet(IReadOnlyList<PublishedKey> Keys);
