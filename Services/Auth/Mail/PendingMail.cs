namespace TalentSphere.Auth.Mail;

/// <summary>What a mail is about.</summary>
public enum MailKind
{
    /// <summary>Proves that somebody reads the address they registered with.</summary>
    VerifyEmail,

    /// <summary>Somebody asked for a new password; to whom, if to anybody, is looked up when it is sent.</summary>
    ResetPassword,

    /// <summary>Proves that somebody reads the address they want to change to.</summary>
    ConfirmNewEmail,

    /// <summary>To the old address: a change was asked for.</summary>
    EmailChangeAsked,

    /// <summary>To the old address: it is no longer the account's.</summary>
    EmailChanged,

    /// <summary>The password is another one now.</summary>
    PasswordChanged,

    /// <summary>Somebody signed in from where nobody did before.</summary>
    UnfamiliarSignIn,

    /// <summary>A second factor is asked for from now on.</summary>
    MfaTurnedOn,

    /// <summary>A second factor is asked for no longer.</summary>
    MfaTurnedOff,

    /// <summary>A recovery code stood in for the second factor.</summary>
    RecoveryCodeUsed,

    /// <summary>There are fresh recovery codes, and the old ones are worth nothing.</summary>
    RecoveryCodesRenewed,
}

/// <summary>
/// A mail that is to be sent: written in the transaction of what it tells, deleted when it has left. Its content is encrypted; a one-time secret is not even in there,
/// but derived from its link when the letter is written.
/// </summary>
public sealed class PendingMail
{
    public Guid Id { get; init; }

    /// <summary>Whose it is; null while it is not looked up.</summary>
    public Guid? AccountId { get; init; }

    public MailKind Kind { get; init; }

    /// <summary>The link whose secret it carries.</summary>
    public Guid? LinkId { get; init; }

    /// <summary>A <see cref="MailContent"/>, encrypted.</summary>
    public byte[] SealedContent { get; init; } = [];

    public DateTime CreatedAt { get; init; }

    /// <summary>When to try next. Whoever tries moves it ahead first, so that no other replica does.</summary>
    public DateTime NextTryAt { get; init; }

    public int Tries { get; init; }

    /// <summary>After that it is of no use to anybody.</summary>
    public DateTime ExpiresAt { get; init; }
}

/// <summary>What a mail needs to be written.</summary>
/// <param name="To">The address.</param>
/// <param name="Name">How the person is called.</param>
/// <param name="Facts">What else there is to say.</param>
internal sealed record MailContent(string To, string? Name, IReadOnlyDictionary<string, string> Facts);

/// <summary>A mail as it leaves.</summary>
/// <param name="Id">The same at every try.</param>
/// <param name="At">When it was posted, UTC.</param>
/// <param name="To">The address.</param>
/// <param name="Name">How the person is called.</param>
/// <param name="Subject">One line.</param>
/// <param name="Text">Plain text, lines ended with LF.</param>
internal sealed record Letter(Guid Id, DateTime At, string To, string? Name, string Subject, string Text);
