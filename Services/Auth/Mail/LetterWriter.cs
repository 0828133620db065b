using Microsoft.Extensions.Options;
using TalentSphere.ServiceDefaults.Auth;

namespace TalentSphere.Auth.Mail;

/// <summary>Puts mails into words.</summary>
internal sealed class LetterWriter(IOptions<MailOptions> mail, IOptions<TokenOptions> token)
{
    private readonly string _base = (mail.Value.LinkBase ?? token.Value.Issuer).TrimEnd('/');

    /// <summary>The letter.</summary>
    /// <param name="pending">What it is about.</param>
    /// <param name="content">To whom, and the facts.</param>
    /// <param name="secret">Of its link; null for a notice.</param>
    public Letter Write(PendingMail pending, MailContent content, string? secret)
    {
        var (subject, text) = Say(pending.Kind, content, secret);
        var greeting = string.IsNullOrWhiteSpace(content.Name) ? "Hello," : $"Hello {content.Name},";
        return new(pending.Id, pending.CreatedAt, content.To, content.Name, subject, $"{greeting}\n\n{text}\n\nTalentSphere\n");
    }

    // The secret stands behind the number sign: a browser sends that part to nobody, and no server on the way logs it.
    private string Link(string page, string? secret) => $"{_base}/account/{page}#token={secret}";

    private (string Subject, string Text) Say(MailKind kind, MailContent content, string? secret)
    {
        return kind switch
        {
            MailKind.VerifyEmail => ("Confirm your e-mail address",
                $"please confirm that {content.To} is your address:\n\n{Link("verify-email", secret)}\n\n"
                + "The link is good once, for 24 hours. If you did not open an account with us, you need not do anything."),
            MailKind.ResetPassword => ("Choose a new password",
                $"somebody, probably you, asked for a new password for your account. Choose one here:\n\n{Link("reset-password", secret)}\n\n"
                + "The link is good once, for 15 minutes. If it was not you, you need not do anything: your password stays as it is."),
            MailKind.ConfirmNewEmail => ("Confirm your new e-mail address",
                $"please confirm that your account shall have the address {content.To} from now on:\n\n{Link("verify-email", secret)}\n\n"
                + "The link is good once, for 24 hours. Until then everything stays as it is."),
            MailKind.EmailChangeAsked => ("Your e-mail address is about to be changed",
                $"somebody who knows your password asked us to change your account's address to {Fact("email")}. It changes as soon as that address is confirmed.\n\n"
                + $"If it was not you, choose a new password now:\n\n{_base}/account/forgot-password"),
            MailKind.EmailChanged => ("Your e-mail address was changed",
                $"your account's address is {Fact("email")} now; this one is no longer used. If it was not you, write to us at once."),
            MailKind.PasswordChanged => ("Your password was changed",
                "your password was changed, and you are signed out everywhere else.\n\n"
                + $"If it was not you, choose a new one now:\n\n{_base}/account/forgot-password"),
            MailKind.UnfamiliarSignIn => ("A sign-in from somewhere new",
                $"somebody signed in to your account from where nobody did before:\n\n  {Fact("time")} UTC\n  {Fact("device")}\n  {Fact("address")}\n\n"
                + $"If it was not you, choose a new password now; that signs out everybody else:\n\n{_base}/account/forgot-password"),
            MailKind.MfaTurnedOn => ("Two-step sign-in is on", "from now on signing in needs a code from your authenticator as well. Keep your recovery codes where you find them without it."),
            MailKind.MfaTurnedOff => ("Two-step sign-in is off",
                $"signing in needs your password alone again. If it was not you, choose a new password now:\n\n{_base}/account/forgot-password"),
            MailKind.RecoveryCodeUsed => ("A recovery code was used",
                $"somebody signed in with your password and one of your recovery codes; {Fact("left")} are left.\n\n"
                + $"If it was not you, choose a new password now:\n\n{_base}/account/forgot-password"),
            MailKind.RecoveryCodesRenewed => ("You have new recovery codes",
                $"your recovery codes were replaced by new ones; the old ones are worth nothing. If it was not you, choose a new password now:\n\n{_base}/account/forgot-password"),
            _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Nobody has put this into words yet."),
        };

        string Fact(string name) => content.Facts.GetValueOrDefault(name, "?");
    }
}
