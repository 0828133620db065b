using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using TalentSphere.Auth.Accounts;
using TalentSphere.ServiceDefaults.Data;

namespace TalentSphere.Auth.ApiKeys;

/// <summary>A secret with which a program acts for an account, within scopes. It is exchanged for short-lived access tokens; no service ever sees it.</summary>
public sealed class ApiKey
{
    /// <summary>What every key begins with, so that scanners for leaked secrets know it.</summary>
    public const string Prefix = "tsk_";

    /// <summary>The longest name, in characters.</summary>
    public const int MaxName = 100;

    /// <summary>The most living keys of one account.</summary>
    public const int MaxPerAccount = 20;

    /// <summary>The longest life.</summary>
    public static readonly TimeSpan MaxLife = TimeSpan.FromDays(366);

    /// <summary>The longest time for which a rotated key's old secret stays good.</summary>
    public static readonly TimeSpan MaxOverlap = TimeSpan.FromDays(7);

    private const int _secretBytes = 32;

    private ApiKey()
    {
    }

    internal ApiKey(Account account, string name, IEnumerable<string> scopes, DateTime now, DateTime expiresAt)
    {
        Id = Guid.CreateVersion7();
        (AccountId, Name, Scopes, CreatedAt, ExpiresAt) = (account.Id, name, [.. scopes.Distinct().Order(StringComparer.Ordinal)], now, expiresAt);
    }

    /// <summary>Also the <c>sid</c> of the access tokens it is exchanged for.</summary>
    public Guid Id { get; private set; }

    public Guid AccountId { get; private set; }

    public string Name { get; private set; } = "";

    /// <summary>Each <c>service:read</c> or <c>service:write</c>, or <c>*:read</c>.</summary>
    public string[] Scopes { get; private set; } = [];

    /// <summary>SHA-256 of the secret: it is random, so that nothing slower is needed.</summary>
    public byte[] SecretHash { get; private set; } = [];

    /// <summary>The secret before the last rotation.</summary>
    public byte[]? FormerHash { get; private set; }

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
    /// <param name="now">UTC.</param>
    /// <param name="overlap">How long the one before stays good.</param>
    /// <returns>The key as its user must keep it: it is shown this once.</returns>
    internal string Renew(DateTime now, TimeSpan overlap)
    {
        (FormerHash, FormerUntil) = overlap > TimeSpan.Zero && SecretHash.Length > 0 ? (SecretHash, now + overlap) : ((byte[]?)null, (DateTime?)null);
        var secret = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(_secretBytes));
        SecretHash = Hash(secret);
        return $"{Prefix}{Id:N}_{secret}";
    }

    /// <summary>True when the secret is this key's, now or until its overlap ends.</summary>
    internal bool Knows(string secret, DateTime now)
    {
        var hash = Hash(secret);
        var current = CryptographicOperations.FixedTimeEquals(hash, SecretHash);
        var former = FormerHash is not null && now < FormerUntil && CryptographicOperations.FixedTimeEquals(hash, FormerHash);
        return current | former;
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

    /// <summary>Takes a key apart.</summary>
    internal static (Guid Id, string Secret)? Parse(string key) =>
        key.StartsWith(Prefix, StringComparison.Ordinal) && key.Length > Prefix.Length + 33 && key[Prefix.Length + 32] == '_'
            && Guid.TryParseExact(key.AsSpan(Prefix.Length, 32), "N", out var id)
            ? (id, key[(Prefix.Length + 33)..]) : null;

    private static byte[] Hash(string secret) => SHA256.HashData(Encoding.UTF8.GetBytes(secret));
}
