using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using TalentSphere.Auth.Accounts;
using TalentSphere.Auth.Audit;
using TalentSphere.Auth.Data;
using TalentSphere.Auth.Devices;
using TalentSphere.Auth.Links;
using TalentSphere.Auth.Mail;
using TalentSphere.Auth.Sessions;
using TalentSphere.Auth.SignIn;
using TalentSphere.ServiceDefaults.Data;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Auth.Passwords;

/// <summary>Somebody does not know their password any more.</summary>
public sealed class ForgotPasswordRequest
{
    /// <summary>Any case.</summary>
    [Required(ErrorMessage = "is required")]
    [StringLength(EmailAddress.MaxLength, ErrorMessage = "must have at most 254 characters")]
    [EmailAddressForm]
    public string? Email { get; init; }
}

/// <summary>A new password, proved by a link. A class, not a record: its text form must not spell out the password.</summary>
public sealed class ResetPasswordRequest
{
    /// <summary>What stood in the mail behind <c>token=</c>.</summary>
    [Required(ErrorMessage = "is required")]
    [StringLength(OneTimeLinks.MaxSecretLength, ErrorMessage = "must have at most 128 characters")]
    public string? Token { get; init; }

    /// <summary>10 to 128 characters, none of the commonest passwords, not made of the person's name or address.</summary>
    [Required(ErrorMessage = "is required")]
    [StringLength(PasswordPolicy.MaxLength, MinimumLength = PasswordPolicy.MinLength, ErrorMessage = "must have 10 to 128 characters")]
    [UncommonPassword]
    public string? NewPassword { get; init; }
}

/// <summary>A password was set. A class, not a record: its text form must not spell out the token.</summary>
public sealed class PasswordWasReset
{
    /// <summary>For the sign-in that follows: this device is not a stranger to the account any more.</summary>
    public required string DeviceToken { get; init; }
}

internal static class ResetPassword
{
    /// <summary>Takes the wish and looks nobody up: whether there is such an account shows neither in the answer nor in its time.</summary>
    public static async Task<NoContent> ForgotAsync(
        ForgotPasswordRequest request, HttpContext context, AuthDbContext db, Mailbox mailbox, AuditTrail audit, IOptions<AuthOptions> options, TimeProvider time,
        CancellationToken cancellationToken)
    {
        var email = await EmailAddress.NormalizeAsync(request.Email!, db, cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        mailbox.AskForReset(email, options.Value.ResetLinkLifetime);
        await db.SaveChangesAsync(cancellationToken);
        await audit.WriteAsync(new(AuditActs.PasswordResetAsked, AuditOutcome.Succeeded, Caller.Of(context)) { Email = email }, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return TypedResults.NoContent();
    }

    /// <summary>Sets the password, ends every session, and opens a sign-in that was locked: whoever reads the mail is the owner.</summary>
    public static async Task<Results<ApiOk<PasswordWasReset>, ApiProblem>> ResetAsync(
        ResetPasswordRequest request, HttpContext context, AuthDbContext db, OneTimeLinks links, PasswordHashing passwords, PasswordReplacement replacement,
        SignInLock signInLock, KnownDevices devices, AuditTrail audit, TimeProvider time, CancellationToken cancellationToken)
    {
        var caller = Caller.Of(context);
        if (await links.FindAsync(request.Token!, cancellationToken, LinkPurpose.ResetPassword) is not { } link)
            return await RefuseAsync(caller, audit, cancellationToken);
        var known = await db.Accounts.AsNoTracking().SingleOrDefaultAsync(a => a.Id == link.AccountId, cancellationToken);
        if (known is not null && PasswordPolicy.RepeatsContext(request.NewPassword!, known.Email, known.Name))
            return Api.Invalid("newPassword", PasswordPolicy.ContextFault);
        var hash = await passwords.HashAsync(request.NewPassword!, cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var account = await db.LockAccountAsync(link.AccountId, cancellationToken);
        if (account is null || account.Email != link.Email || !await links.TakeAsync(link, cancellationToken))
        {
            await transaction.RollbackAsync(cancellationToken);
            return await RefuseAsync(caller, audit, cancellationToken);
        }
        account.VerifyEmail(time.GetDatabaseNow());
        var ended = await replacement.ApplyAsync(account, hash, keep: null, caller, cancellationToken);
        // Strangers may lock the sign-in again at once: they shall not keep out who has just proved to be no stranger.
        var (_, deviceToken) = devices.Remember(account.Id, caller);
        await db.SaveChangesAsync(cancellationToken);
        await signInLock.OpenAsync(signInLock.KeyOf(account.Email), cancellationToken);
        await audit.WriteAsync(
            new(AuditActs.PasswordReset, AuditOutcome.Succeeded, caller) { Actor = account.Id, Target = account.Id, Detail = $"sessions ended: {ended}" },
            cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return Api.Ok(new PasswordWasReset { DeviceToken = deviceToken });
    }

    private static async Task<ApiProblem> RefuseAsync(Caller caller, AuditTrail audit, CancellationToken cancellationToken)
    {
        await audit.WriteAloneAsync(new(AuditActs.PasswordReset, AuditOutcome.Failed, caller), cancellationToken);
        return LinkAnswers.Worthless();
    }
}
