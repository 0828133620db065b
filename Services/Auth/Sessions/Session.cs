namespace TalentSphere.Auth.Sessions;

/// <summary>One sign-in on one device: a family of refresh tokens, each the successor of the one before.</summary>
public sealed class Session
{
    private Session()
    {
    }

    internal Session(Guid accountId, Caller caller, DateTime now, Guid? deviceId = null)
    {
        Id = Guid.CreateVersion7();
        AccountId = accountId;
        DeviceId = deviceId;
        CreatedAt = AuthenticatedAt = now;
        Touch(caller, now, now);
    }

    /// <summary>The <c>sid</c> of its access tokens.</summary>
    public Guid Id { get; private set; }

    public Guid AccountId { get; private set; }

    /// <summary>The device that it was opened on; an id that the device may have outlived.</summary>
    public Guid? DeviceId { get; private set; }

    /// <summary>When its owner last proved to be one, with everything that is asked for at a sign-in.</summary>
    public DateTime AuthenticatedAt { get; private set; }

    public string? IpAddress { get; private set; }

    public string? UserAgent { get; private set; }

    public DateTime CreatedAt { get; private set; }

    public DateTime LastUsedAt { get; private set; }

    /// <summary>When its newest refresh token expires.</summary>
    public DateTime ExpiresAt { get; private set; }

    public DateTime? RevokedAt { get; private set; }

    public RevocationReason? RevokedBecause { get; private set; }

    /// <summary>True while its refresh tokens and access tokens are to be believed.</summary>
    public bool IsLive(DateTime now) => RevokedAt is null && now < ExpiresAt;

    /// <summary>Gives the session a new refresh token.</summary>
    internal RefreshToken Issue(byte[] tokenHash, DateTime now, TimeSpan lifetime)
    {
        ExpiresAt = now + lifetime;
        return new RefreshToken(Id, tokenHash, now, ExpiresAt);
    }

    /// <summary>Notes a use and where it came from.</summary>
    internal void Touch(Caller caller, DateTime now, DateTime expiresAt)
    {
        (IpAddress, UserAgent, LastUsedAt) = (caller.IpAddress, caller.UserAgent, now);
        if (expiresAt > ExpiresAt)
            ExpiresAt = expiresAt;
    }

    /// <summary>What is to be done when <paramref name="token"/>, one of this session's, is presented.</summary>
    /// <param name="token">The token.</param>
    /// <param name="now">UTC.</param>
    /// <param name="grace">How long after its first use a token still gives the same successor: answers get lost, buttons get clicked twice.</param>
    public RefreshDecision Present(RefreshToken token, DateTime now, TimeSpan grace)
    {
        if (RevokedBecause == RevocationReason.Reuse)
            return RefreshDecision.Reused;
        if (RevokedAt is not null || now >= token.ExpiresAt)
            return RefreshDecision.Invalid;
        if (token.UsedAt is not { } usedAt)
            return RefreshDecision.Rotate;
        return now <= usedAt + grace ? RefreshDecision.Repeat : RefreshDecision.Reused;
    }

    /// <summary>Its owner has proved once more to be one.</summary>
    internal void Reauthenticate(DateTime now) => AuthenticatedAt = now;

    /// <summary>Ends the session.</summary>
    /// <returns>False when it had ended already.</returns>
    public bool Revoke(RevocationReason reason, DateTime now)
    {
        if (RevokedAt is not null)
            return false;
        (RevokedAt, RevokedBecause) = (now, reason);
        return true;
    }
}

/// <summary>A refresh token: 256 random bits of which only the hash is kept.</summary>
public sealed class RefreshToken
{
    private RefreshToken()
    {
    }

    internal RefreshToken(Guid sessionId, byte[] tokenHash, DateTime now, DateTime expiresAt)
    {
        Id = Guid.CreateVersion7();
        (SessionId, TokenHash, CreatedAt, ExpiresAt) = (sessionId, tokenHash, now, expiresAt);
    }

    public Guid Id { get; private set; }

    public Guid SessionId { get; private set; }

    /// <summary>SHA-256 of the token: it is random, so that nothing slower is needed.</summary>
    public byte[] TokenHash { get; private set; } = [];

    public DateTime CreatedAt { get; private set; }

    public DateTime ExpiresAt { get; private set; }

    /// <summary>When it was first exchanged for its successor.</summary>
    public DateTime? UsedAt { get; private set; }

    internal void Use(DateTime now) => UsedAt ??= now;
}

/// <summary>Why a session ended before its time.</summary>
public enum RevocationReason
{
    /// <summary>Its owner signed out of it.</summary>
    SignedOut,

    /// <summary>An old refresh token of it turned up: somebody has a copy.</summary>
    Reuse,

    /// <summary>The account was given another password.</summary>
    PasswordSet,

    /// <summary>The account was blocked.</summary>
    AccountBlocked,
}

/// <summary>What a presented refresh token deserves.</summary>
public enum RefreshDecision
{
    /// <summary>A new successor.</summary>
    Rotate,

    /// <summary>The same successor again.</summary>
    Repeat,

    /// <summary>Refusal, and the end of the family.</summary>
    Reused,

    /// <summary>Refusal.</summary>
    Invalid,
}
