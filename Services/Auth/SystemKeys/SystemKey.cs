using System.Security.Cryptography;
using TalentSphere.Auth.Tokens;

namespace TalentSphere.Auth.SystemKeys;

/// <summary>
/// With which another system signs what it says to us: it acts as itself, with roles of its own and within scopes. Its secret never travels after it was shown, and
/// has to be known here, so it is encrypted and not hashed.
/// </summary>
public sealed class SystemKey
{
    /// <summary>The longest name, in characters.</summary>
    public const int MaxName = 100;

    /// <summary>The most living keys.</summary>
    public const int MaxKeys = 100;

    private const int _secretBytes = 32;

    private SystemKey()
    {
    }

    internal SystemKey(string name, IEnumerable<string> roles, IEnumerable<string> scopes, DateTime now, DateTime expiresAt)
    {
        Id = Guid.CreateVersion7();
        (Name, CreatedAt, ExpiresAt) = (name, now, expiresAt);
        (Roles, Scopes) = ([.. roles.Distinct().Order(StringComparer.Ordinal)], [.. scopes.Distinct().Order(StringComparer.Ordinal)]);
    }

    /// <summary>The <c>keyid</c>; also <c>sub</c> and <c>sid</c> of the access tokens it is exchanged for.</summary>
    public Guid Id { get; private set; }

    public string Name { get; private set; } = "";

    public string[] Roles { get; private set; } = [];

    /// <summary>Each <c>service:read</c> or <c>service:write</c>, or <c>*:read</c>.</summary>
    public string[] Scopes { get; private set; } = [];

    /// <summary>The secret, encrypted for this key.</summary>
    public byte[] SealedSecret { get; private set; } = [];

    /// <summary>The secret before the last rotation.</summary>
    public byte[]? FormerSecret { get; private set; }

    /// <summary>Up to when the former secret is good.</summary>
    public DateTime? FormerUntil { get; private set; }

    public DateTime CreatedAt { get; private set; }

    public DateTime ExpiresAt { get; private set; }

    /// <summary>To the minute.</summary>
    public DateTime? LastUsedAt { get; private set; }

    public DateTime? RevokedAt { get; private set; }

    /// <summary>True while it may be used.</summary>
    public bool IsLive(DateTime now) => RevokedAt is null && now < ExpiresAt;

    /// <summary>Gives it a new secret.</summary>
    /// <param name="keys">Hides it.</param>
    /// <param name="now">UTC.</param>
    /// <param name="overlap">How long the one before stays good.</param>
    /// <returns>The secret as its system must keep it, in base64: it is shown this once.</returns>
    internal string Renew(ServerKeys keys, DateTime now, TimeSpan overlap)
    {
        (FormerSecret, FormerUntil) = overlap > TimeSpan.Zero && SealedSecret.Length > 0 ? (SealedSecret, now + overlap) : ((byte[]?)null, (DateTime?)null);
        var secret = RandomNumberGenerator.GetBytes(_secretBytes);
        SealedSecret = keys.Seal(secret, Id.ToString(), ServerKeyPurpose.SystemKeyEncryption);
        return Convert.ToBase64String(secret);
    }

    /// <summary>True when one of its secrets that are good made the signature.</summary>
    internal bool Signed(MessageSignature signature, string signatureBase, ServerKeys keys, DateTime now)
    {
        var current = Signed(signature, signatureBase, keys, SealedSecret);
        return current | (FormerSecret is not null && now < FormerUntil && Signed(signature, signatureBase, keys, FormerSecret));
    }

    /// <summary>Ends it.</summary>
    /// <returns>False when it had ended already.</returns>
    internal bool Revoke(DateTime now)
    {
        if (RevokedAt is not null)
            return false;
        RevokedAt = now;
        return true;
    }

    private bool Signed(MessageSignature signature, string signatureBase, ServerKeys keys, byte[] sealedSecret)
    {
        var secret = keys.Open(sealedSecret, Id.ToString(), ServerKeyPurpose.SystemKeyEncryption);
        var matches = signature.Matches(signatureBase, secret);
        CryptographicOperations.ZeroMemory(secret);
        return matches;
    }
}

/// <summary>A signature was used: neither it nor another with its nonce is good again. Kept until its time is over anyway.</summary>
public sealed class UsedNonce
{
    public Guid KeyId { get; init; }

    public string Nonce { get; init; } = "";

    public DateTime Until { get; init; }
}
