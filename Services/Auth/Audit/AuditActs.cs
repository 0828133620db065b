namespace TalentSphere.Auth.Audit;

/// <summary>The acts that the audit knows. They are part of what each entry's hash covers: add, never rename.</summary>
public static class AuditActs
{
    public const string AccountRegistered = "account.register";
    public const string AccountErased = "account.erase";
    public const string SignIn = "sign-in";
    public const string Reauthenticated = "sign-in.again";
    public const string SignOut = "sign-out";
    public const string RefreshReused = "session.refresh-reuse";
    public const string SessionRevoked = "session.revoke";
    public const string PasswordChanged = "password.change";
    public const string PasswordResetAsked = "password.reset-ask";
    public const string PasswordReset = "password.reset";
    public const string EmailVerified = "email.verify";
    public const string EmailChangeAsked = "email.change-ask";
    public const string EmailChanged = "email.change";
    public const string MfaEnrolled = "mfa.enroll";
    public const string MfaConfirmed = "mfa.confirm";
    public const string MfaDisabled = "mfa.disable";
    public const string MfaRecoveryCodeUsed = "mfa.recovery-code";
    public const string MfaRecoveryCodesRenewed = "mfa.recovery-codes-renew";
    public const string RolesChanged = "roles.change";
    public const string KeyRotated = "key.rotate";
    public const string AccountBlocked = "account.block";
    public const string AccountUnblocked = "account.unblock";
    public const string ApiKeyCreated = "api-key.create";
    public const string ApiKeyRotated = "api-key.rotate";
    public const string ApiKeyRevoked = "api-key.revoke";
    public const string ApiKeyRefused = "api-key.refuse";
    public const string SystemKeyCreated = "system-key.create";
    public const string SystemKeyRotated = "system-key.rotate";
    public const string SystemKeyRevoked = "system-key.revoke";
    public const string SystemKeyRefused = "system-key.refuse";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } =
        [.. typeof(AuditActs).GetFields().Where(f => f.IsLiteral).Select(f => (string)f.GetRawConstantValue()!).Order(StringComparer.Ordinal)];
}

/// <summary>What came of an act.</summary>
public enum AuditOutcome
{
    /// <summary>Done.</summary>
    Succeeded,

    /// <summary>The proof was wrong, or the thing was not there.</summary>
    Failed,

    /// <summary>Refused unseen: too many failures before.</summary>
    Locked,

    /// <summary>The proof was right; the rules forbid it.</summary>
    Denied,

    /// <summary>A further proof was asked for.</summary>
    Challenged,
}
