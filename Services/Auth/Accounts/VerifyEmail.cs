using System.ComponentModel.DataAnnotations;
using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Npgsql;
using TalentSphere.Auth.Audit;
using TalentSphere.Auth.Data;
using TalentSphere.Auth.Links;
using TalentSphere.Auth.Mail;
using TalentSphere.Auth.Sessions;
using TalentSphere.Auth.SignIn;
using TalentSphere.ServiceDefaults.Auth;
using TalentSphere.ServiceDefaults.Data;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Auth.Accounts;

/// <summary>Shows that a mail was read.</summary>
public sealed class VerifyEmailRequest
{
    /// <summary>What stood in the mail behind <c>token=</c>.</summary>
    [Required(ErrorMessage = "is required")]
    [StringLength(OneTimeLinks.MaxSecretLength, ErrorMessage = "must have at most 128 characters")]
    public string? Token { get; init; }
}

/// <summary>An address that was shown to be read.</summary>
/// <param name="Email">The account's address.</param>
/// <param name="EmailVerified">Always true.</param>
public sealed record VerifiedEmail(string Email, bool EmailVerified);

internal static class VerifyEmail
{
    private static readonly TimeSpan _betweenMails = TimeSpan.FromMinutes(1);

    /// <summary>Also the end of a change of address: the new one counts from here on.</summary>
    public static async Task<Results<ApiOk<VerifiedEmail>, ApiProblem>> HandleAsync(
        VerifyEmailRequest request, HttpContext context, AuthDbContext db, OneTimeLinks links, Mailbox mailbox, AuditTrail audit, TimeProvider time,
        CancellationToken cancellationToken)
    {
        var caller = Caller.Of(context);
        if (await links.FindAsync(request.Token!, cancellationToken, LinkPurpose.VerifyEmail, LinkPurpose.ChangeEmail) is not { } link)
            return await RefuseAsync();
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var account = await db.LockAccountAsync(link.AccountId, cancellationToken);
        var changes = link.Purpose == LinkPurpose.ChangeEmail;
        if (account is null || (!changes && account.Email != link.Email) || !await links.TakeAsync(link, cancellationToken))
        {
            await transaction.RollbackAsync(cancellationToken);
            return await RefuseAsync();
        }
        if (changes)
        {
            mailbox.Notify(MailKind.EmailChanged, account, ("email", link.Email));
            account.ChangeEmail(link.Email);
        }
        account.VerifyEmail(time.GetDatabaseNow());
        try
        {
            await db.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateException e) when (e.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation })
        {
            await transaction.RollbackAsync(cancellationToken);
            return Api.Conflict("AUTH_003", "An account with this e-mail address exists already.");
        }
        // What was mailed to the old address is in somebody else's hands, perhaps.
        if (changes)
            await links.RecallAsync(account.Id, cancellationToken, LinkPurpose.ResetPassword, LinkPurpose.VerifyEmail, LinkPurpose.ChangeEmail);
        await audit.WriteAsync(
            new(changes ? AuditActs.EmailChanged : AuditActs.EmailVerified, AuditOutcome.Succeeded, caller) { Actor = account.Id, Target = account.Id, Email = link.Email },
            cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return Api.Ok(new VerifiedEmail(account.Email, true));

        async Task<ApiProblem> RefuseAsync()
        {
            await audit.WriteAloneAsync(new(AuditActs.EmailVerified, AuditOutcome.Failed, caller), cancellationToken);
            return LinkAnswers.Worthless();
        }
    }

    /// <summary>Another mail, at most one a minute.</summary>
    public static async Task<Results<NoContent, ApiProblem>> ResendAsync(
        ClaimsPrincipal user, HttpContext context, AuthDbContext db, OneTimeLinks links, Mailbox mailbox, LiveSessions sessions, IOptions<AuthOptions> options,
        TimeProvider time, CancellationToken cancellationToken)
    {
        if (await sessions.FindAsync(user, cancellationToken) is not { } session)
            return context.SessionEnded();
        var now = time.GetDatabaseNow();
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var account = await db.LockAccountAsync(session.AccountId, cancellationToken);
        if (account is null)
            return context.SessionEnded();
        if (account.EmailVerifiedAt is not null)
            return Api.Conflict("AUTH_EMAIL_VERIFIED", "Your e-mail address is confirmed already.");
        var last = await db.OneTimeLinks.Where(l => l.AccountId == account.Id && l.Purpose == LinkPurpose.VerifyEmail).MaxAsync(l => (DateTime?)l.CreatedAt, cancellationToken);
        if (last > now - _betweenMails)
        {
            return Api.Problem(StatusCodes.Status429TooManyRequests, "RATE_LIMITED", "A mail is on its way to you; wait a minute before you ask for another one.")
                .RetryAfter(last.Value + _betweenMails - now);
        }
        mailbox.Send(MailKind.VerifyEmail, account, links.Issue(account, LinkPurpose.VerifyEmail, account.Email, now + options.Value.EmailLinkLifetime));
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return TypedResults.NoContent();
    }
}
