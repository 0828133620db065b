using System.ComponentModel.DataAnnotations;

namespace TalentSphere.Auth;

/// <summary>How accounts, sessions and keys are treated. Configuration section <c>Auth</c>; issuer and audience stand beside it in
/// <c>TokenOptions</c>.</summary>
public sealed class AuthOptions : IValidatableObject
{
    /// <summary>
    /// The secret under which private keys are encrypted at rest and from which every other server key is derived (HKDF, RFC 5869).
    /// At least 32 characters; base64 of 32 random bytes is a good choice. The same for every replica, and kept: signing keys stored
    /// under another one cannot be read.
    /// </summary>
    [Required(ErrorMessage = "Auth:KeyEncryptionKey is required.")]
    [MinLength(32, ErrorMessage = "Auth:KeyEncryptionKey needs at least 32 characters.")]
    public string KeyEncryptionKey { get; init; } = "";

    /// <summary>How long an access token is good.</summary>
    public TimeSpan AccessTokenLifetime { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>How long a refresh token is good, counted from its issue.</summary>
    public TimeSpan RefreshTokenLifetime { get; init; } = TimeSpan.FromDays(30);

    /// <summary>How long after its first use a refresh token still gives the same successor.</summary>
    public TimeSpan RefreshGrace { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a signing key signs before the next one takes over.</summary>
    public TimeSpan KeyLifetime { get; init; } = TimeSpan.FromDays(90);

    /// <summary>How long a new key is published before it signs: more than everybody needs to have read it, in this service too.</summary>
    public TimeSpan KeyLead { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Failed sign-ins in a row that lock an account's sign-in.</summary>
    [Range(2, 100)]
    public int FailuresBeforeLock { get; init; } = 5;

    /// <summary>Failed sign-ins from one network, under whatever addresses, that lock sign-in from there for strangers.</summary>
    [Range(5, 1_000_000)]
    public int FailuresPerAddress { get; init; } = 50;

    /// <summary>How long sign-in stays locked; failures further apart than this are not counted together.</summary>
    public TimeSpan LockDuration { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>How long after a sign-in dangerous things may be done without another one.</summary>
    public TimeSpan RecentSignIn { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How long a link that proves an e-mail address is good.</summary>
    public TimeSpan EmailLinkLifetime { get; init; } = TimeSpan.FromHours(24);

    /// <summary>How long a link for a new password is good.</summary>
    public TimeSpan ResetLinkLifetime { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>Links for a new password, and for a new address, that an account is mailed within an hour; beyond it nothing is sent.</summary>
    [Range(1, 1000)]
    public int ResetsPerHour { get; init; } = 5;

    /// <summary>Rounds of PBKDF2-HMAC-SHA512 for new hashes; older hashes are renewed at sign-in.</summary>
    [Range(210_000, 10_000_000)]
    public int PasswordRounds { get; init; } = 210_000;

    /// <summary>Passwords hashed at the same time; 0 means one per core.</summary>
    [Range(0, 1024)]
    public int ConcurrentHashes { get; init; }

    /// <summary>Passwords that may wait for their turn; beyond it the caller is told to come back.</summary>
    [Range(0, 10_000)]
    public int WaitingHashes { get; init; } = 40;

    /// <summary>Development accounts, one per role.</summary>
    public SeedOptions Seed { get; init; } = new();

    /// <summary>The first admin.</summary>
    public FirstAdminOptions Admin { get; init; } = new();

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        foreach (var (name, value) in ((string, TimeSpan)[])
            [(nameof(AccessTokenLifetime), AccessTokenLifetime), (nameof(RefreshTokenLifetime), RefreshTokenLifetime), (nameof(LockDuration), LockDuration),
            (nameof(KeyLead), KeyLead), (nameof(EmailLinkLifetime), EmailLinkLifetime), (nameof(ResetLinkLifetime), ResetLinkLifetime),
            (nameof(RecentSignIn), RecentSignIn)])
        {
            if (value <= TimeSpan.Zero)
                yield return new($"Auth:{name} must be longer than zero.", [name]);
        }
        if (RefreshGrace < TimeSpan.Zero || RefreshGrace >= RefreshTokenLifetime)
            yield return new("Auth:RefreshGrace must be shorter than Auth:RefreshTokenLifetime.", [nameof(RefreshGrace)]);
        if (KeyLifetime <= KeyLead)
            yield return new("Auth:KeyLifetime must be longer than Auth:KeyLead.", [nameof(KeyLifetime)]);
        if (Seed.Password is { Length: > 0 and < 10 })
            yield return new("Auth:Seed:Password needs at least 10 characters.", [nameof(Seed)]);
        if (string.IsNullOrEmpty(Admin.Email) != string.IsNullOrEmpty(Admin.Password))
            yield return new("Auth:Admin:Email and Auth:Admin:Password belong together.", [nameof(Admin)]);
        if (Admin.Password is { Length: > 0 and < 10 })
            yield return new("Auth:Admin:Password needs at least 10 characters.", [nameof(Admin)]);
    }
}

/// <summary>Development accounts. Configuration section <c>Auth:Seed</c>.</summary>
public sealed class SeedOptions
{
    /// <summary>The password of every seeded account; nothing is seeded without it.</summary>
    public string? Password { get; init; }
}

/// <summary>The account that becomes admin when there is none yet. Configuration section <c>Auth:Admin</c>.</summary>
public sealed class FirstAdminOptions
{
    /// <summary>Its address.</summary>
    public string? Email { get; init; }

    /// <summary>Its first password.</summary>
    public string? Password { get; init; }
}
