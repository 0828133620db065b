using System.ComponentModel.DataAnnotations;
using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using TalentSphere.Auth.Audit;
using TalentSphere.Auth.Data;
using TalentSphere.Auth.Links;
using TalentSphere.Auth.Mail;
using TalentSphere.Auth.Mfa;
using TalentSphere.Auth.Passwords;
using TalentSphere.Auth.Sessions;
using TalentSphere.Auth.SignIn;
using TalentSphere.ServiceDefaults.Data;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Auth.Accounts;

/// <summary>Another address for oneself. A class, not a record: its text form must not spell out the password.</summary>
public sealed class ChangeEmailRequest
{
    /// <summary>Stored trimmed and in lower case; one account each.</summary>
    [Required(ErrorMessage = "is required")]
    [StringLength(EmailAddress.MaxLength, ErrorMessage = "must have at most 254 characters")]
    [EmailAddressForm]
    public string? NewEmail { get; init; }

    /// <summary>The account's password.</summary>
    [Required(ErrorMessage = "is required")]
    [StringLength(PasswordPolicy.MaxLength, ErrorMessage = "must have at most 128 characters")]
    public string? Password { get; init; }

    /// <summary>A code of the authenticator, or a recovery code, where two-step sign-in is on and the last sign-in is not recent.</summary>
    [StringLength(SecondFactor.MaxCodeLength, ErrorMessage = "must have at most 32 characters")]
    public string? Otp { get; init; }
}

internal static class ChangeEmail
{
    /// <summary>Asks the new address and tells the old one. Nothing changes before the new one answers, and only then it shows whether it is taken.</summary>
    public static async Task<Results<NoContent, ApiProblem>> HandleAsync(
        ChangeEmailRequest request, ClaimsPrincipal user, HttpContext context, AuthDbContext db, PasswordProof proof, LiveSessions sessions, StepUp stepUp,
        SecondFactor factor, OneTimeLinks links, Mailbox mailbox, AuditTrail audit, IOptions<AuthOptions> options, TimeProvider time, CancellationToken cancellationToken)
    {
        if (await sessions.FindAsync(user, cancellationToken) is not { } session)
            return context.SessionEnded();
        var known = await db.Accounts.AsNoTracking().SingleAsync(a => a.Id == session.AccountId, cancellationToken);
        var email = await EmailAddress.NormalizeAsync(request.NewEmail!, db, cancellationToken);
        if (email.Length > EmailAddress.MaxLength)
            return Api.Invalid("newEmail", "must have at most 254 characters");
        if (email == known.Email)
            return Api.Invalid("newEmail", "is your address already");
        var caller = Caller.Of(context);
        var claim = new Claimed(AuditActs.EmailChangeAsked, known.Email, known, caller) { Session = session };
        if (await proof.RefuseAsync(claim, request.Password!, PasswordProof.Wrong, cancellationToken) is { } refusal)
            return refusal;

        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var account = await db.LockAccountAsync(known.Id, cancellationToken);
        if (account is null)
            return context.SessionEnded();
        if (!stepUp.IsRecent(session) && await factor.RefuseAsync(claim, request.Otp, context, cancellationToken) is { } second)
            return second;
        var now = time.GetDatabaseNow();
        var hour = now - TimeSpan.FromHours(1);
        if (await db.OneTimeLinks.CountAsync(l => l.AccountId == account.Id && l.Purpose == LinkPurpose.ChangeEmail && l.CreatedAt > hour, cancellationToken)
            >= options.Value.ResetsPerHour)
        {
            return Api.Problem(StatusCodes.Status429TooManyRequests, "RATE_LIMITED", "Too many mails were asked for; wait an hour.").RetryAfter(TimeSpan.FromHours(1));
        }
        await links.RecallAsync(account.Id, cancellationToken, LinkPurpose.ChangeEmail);
        mailbox.Send(MailKind.ConfirmNewEmail, account, links.Issue(account, LinkPurpose.ChangeEmail, email, now + options.Value.EmailLinkLifetime));
        mailbox.Notify(MailKind.EmailChangeAsked, account, ("email", email));
        await db.SaveChangesAsync(cancellationToken);
        await proof.ForgetAsync(claim, cancellationToken);
        await audit.WriteAsync(new(AuditActs.EmailChangeAsked, AuditOutcome.Succeeded, caller) { Actor = account.Id, Target = account.Id, Email = email }, cancellationToken);
        await factor.WriteAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return TypedResults.NoContent();
    }
}
