namespace TalentSphere.Auth.Mfa;

/// <summary>What an account shares with an authenticator; one each.</summary>
public sealed class Authenticator
{
    public Guid AccountId { get; init; }

    /// <summary>The secret, encrypted for this account.</summary>
    public byte[] SealedSecret { get; set; } = [];

    public DateTime CreatedAt { get; set; }

    /// <summary>When its owner showed that it works; null until then, and no code is asked for.</summary>
    public DateTime? ConfirmedAt { get; set; }

    /// <summary>The newest step of which a code was used.</summary>
    public long LastStep { get; set; }
}

/// <summary>Stands in for the authenticator, once.</summary>
public sealed class RecoveryCode
{
    public Guid AccountId { get; init; }

    /// <summary>Keyed digest of the account and the code, which has 50 bits: whoever has read the table cannot try them out.</summary>
    public byte[] CodeDigest { get; init; } = [];

    public DateTime? UsedAt { get; init; }
}
