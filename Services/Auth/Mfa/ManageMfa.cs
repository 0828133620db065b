using System.ComponentModel.DataAnnotations;
using System.Security.Claims;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using TalentSphere.Auth.Accounts;
using TalentSphere.Auth.Audit;
using TalentSphere.Auth.Data;
using TalentSphere.Auth.Mail;
using TalentSphere.Auth.Sessions;
using TalentSphere.Auth.SignIn;
using TalentSphere.Auth.Tokens;
using TalentSphere.ServiceDefaults.Data;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Auth.Mfa;

/// <summary>A code. A class, not a record: its text form must not spell it out.</summary>
public sealed class MfaCodeRequest
{
    /// <summary>Six digits of the authenticator; to turn it off, a recovery code will do.</summary>
    [Required(ErrorMessage = "is required")]
    [StringLength(SecondFactor.MaxCodeLength, ErrorMessage = "must have at most 32 characters")]
    public string? Otp { get; init; }
}

/// <summary>For the authenticator, shown once.</summary>
public sealed class EnrolledAuthenticator
{
    /// <summary>Base32, to be typed in.</summary>
    public required string Secret { get; init; }

    /// <summary>The same as an <c>otpauth</c> address, to be shown as a QR code.</summary>
    public required string OtpauthUrl { get; init; }
}

/// <summary>Shown once.</summary>
public sealed class RecoveryCodes
{
    /// <summary>Each stands in for the authenticator, once.</summary>
    public required IReadOnlyList<string> Codes { get; init; }
}

internal static class ManageMfa
{
    /// <summary>Makes a secret; nothing is asked for before <see cref="ConfirmAsync"/>. Asked again before that, it is another one.</summary>
    public static async Task<Results<ApiOk<EnrolledAuthenticator>, ApiProblem>> EnrollAsync(
        ClaimsPrincipal user, HttpContext context, AuthDbContext db, StepUp stepUp, SecondFactor factor, ServerKeys keys, AuditTrail audit, TimeProvider time,
        CancellationToken cancellationToken)
    {
        var (session, refusal) = await stepUp.RequireAsync(user, context, cancellationToken);
        if (session is null)
            return refusal!;
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        if (await db.LockAccountAsync(session.AccountId, cancellationToken) is not { } account)
            return context.SessionEnded();
        if (account.MfaEnabled)
            return Enabled();
        var secret = RandomNumberGenerator.GetBytes(Totp.SecretLength);
        var authenticator = await factor.LockAsync(account.Id, cancellationToken);
        if (authenticator is null)
            db.Authenticators.Add(authenticator = new Authenticator { AccountId = account.Id });
        authenticator.SealedSecret = keys.Seal(secret, account.Id.ToString(), ServerKeyPurpose.AuthenticatorEncryption);
        authenticator.CreatedAt = time.GetDatabaseNow();
        await db.SaveChangesAsync(cancellationToken);
        await audit.WriteAsync(new(AuditActs.MfaEnrolled, AuditOutcome.Succeeded, Caller.Of(context)) { Actor = account.Id, Target = account.Id }, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        var text = Totp.Encode(secret);
        return Api.Ok(new EnrolledAuthenticator
        {
            Secret = text,
            OtpauthUrl = $"otpauth://totp/TalentSphere:{Uri.EscapeDataString(account.Email)}?secret={text}&issuer=TalentSphere&algorithm=SHA1"
                + $"&digits={Totp.Digits}&period={Totp.StepSeconds}",
        });
    }

    /// <summary>Shows that the authenticator works; from here on its codes are asked for.</summary>
    public static async Task<Results<ApiOk<RecoveryCodes>, ApiProblem>> ConfirmAsync(
        MfaCodeRequest request, ClaimsPrincipal user, HttpContext context, AuthDbContext db, StepUp stepUp, SecondFactor factor, Mailbox mailbox, AuditTrail audit,
        TimeProvider time, CancellationToken cancellationToken)
    {
        var (session, refusal) = await stepUp.RequireAsync(user, context, cancellationToken);
        if (session is null)
            return refusal!;
        var caller = Caller.Of(context);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        if (await db.LockAccountAsync(session.AccountId, cancellationToken) is not { } account)
            return context.SessionEnded();
        if (account.MfaEnabled)
            return Enabled();
        if (await factor.LockAsync(account.Id, cancellationToken) is not { } authenticator)
            return Api.Conflict("AUTH_MFA_NOT_ENROLLED", "There is nothing to confirm: enrol first.");
        if (!factor.UseCode(authenticator, request.Otp!.Trim()))
        {
            await audit.WriteAsync(new(AuditActs.MfaConfirmed, AuditOutcome.Failed, caller) { Actor = account.Id, Target = account.Id }, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            return Api.Invalid("otp", "is not the authenticator's code; is its clock right?");
        }
        authenticator.ConfirmedAt = time.GetDatabaseNow();
        account.TurnMfa(on: true);
        var codes = await factor.RenewCodesAsync(account.Id, cancellationToken);
        mailbox.Notify(MailKind.MfaTurnedOn, account);
        await db.SaveChangesAsync(cancellationToken);
        await audit.WriteAsync(new(AuditActs.MfaConfirmed, AuditOutcome.Succeeded, caller) { Actor = account.Id, Target = account.Id }, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return Api.Ok(new RecoveryCodes { Codes = codes });
    }

    /// <summary>Fresh recovery codes, for whoever has used or lost the old ones; those are worth nothing from here on.</summary>
    public static async Task<Results<ApiOk<RecoveryCodes>, ApiProblem>> RenewCodesAsync(
        ClaimsPrincipal user, HttpContext context, AuthDbContext db, StepUp stepUp, SecondFactor factor, Mailbox mailbox, AuditTrail audit,
        CancellationToken cancellationToken)
    {
        var (session, refusal) = await stepUp.RequireAsync(user, context, cancellationToken);
        if (session is null)
            return refusal!;
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        if (await db.LockAccountAsync(session.AccountId, cancellationToken) is not { } account)
            return context.SessionEnded();
        if (!account.MfaEnabled)
            return Api.Conflict("AUTH_MFA_OFF", "Two-step sign-in is off: there are no recovery codes.");
        var codes = await factor.RenewCodesAsync(account.Id, cancellationToken);
        mailbox.Notify(MailKind.RecoveryCodesRenewed, account);
        await db.SaveChangesAsync(cancellationToken);
        await audit.WriteAsync(
            new(AuditActs.MfaRecoveryCodesRenewed, AuditOutcome.Succeeded, Caller.Of(context)) { Actor = account.Id, Target = account.Id }, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        context.Response.Headers.CacheControl = "no-store";
        return Api.Ok(new RecoveryCodes { Codes = codes });
    }

    /// <summary>Asks for a code one last time.</summary>
    public static async Task<Results<NoContent, ApiProblem>> DisableAsync(
        MfaCodeRequest request, ClaimsPrincipal user, HttpContext context, AuthDbContext db, StepUp stepUp, SecondFactor factor, Mailbox mailbox, AuditTrail audit,
        CancellationToken cancellationToken)
    {
        var (session, refusal) = await stepUp.RequireAsync(user, context, cancellationToken);
        if (session is null)
            return refusal!;
        var caller = Caller.Of(context);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        if (await db.LockAccountAsync(session.AccountId, cancellationToken) is not { } account)
            return context.SessionEnded();
        if (!account.MfaEnabled)
            return Api.Conflict("AUTH_MFA_OFF", "Two-step sign-in is off already.");
        var claim = new Claimed(AuditActs.MfaDisabled, account.Email, account, caller) { Session = session };
        if (await factor.RefuseAsync(claim, request.Otp, context, cancellationToken) is { } wrong)
            return wrong;
        await db.Authenticators.Where(a => a.AccountId == account.Id).ExecuteDeleteAsync(cancellationToken);
        await db.RecoveryCodes.Where(c => c.AccountId == account.Id).ExecuteDeleteAsync(cancellationToken);
        account.TurnMfa(on: false);
        mailbox.Notify(MailKind.MfaTurnedOff, account);
        await db.SaveChangesAsync(cancellationToken);
        await audit.WriteAsync(new(AuditActs.MfaDisabled, AuditOutcome.Succeeded, caller) { Actor = account.Id, Target = account.Id }, cancellationToken);
        await factor.WriteAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return TypedResults.NoContent();
    }

    private static ApiProblem Enabled() => Api.Conflict("AUTH_MFA_ENABLED", "Two-step sign-in is on already: turn it off first.");
}
