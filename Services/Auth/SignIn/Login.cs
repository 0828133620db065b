using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using TalentSphere.Auth.Accounts;
using TalentSphere.Auth.Audit;
using TalentSphere.Auth.Data;
using TalentSphere.Auth.Devices;
using TalentSphere.Auth.Mail;
using TalentSphere.Auth.Mfa;
using TalentSphere.Auth.Passwords;
using TalentSphere.Auth.Sessions;
using TalentSphere.Contracts.Auth;
using TalentSphere.ServiceDefaults.Http;
using TalentSphere.ServiceDefaults.Messaging;

namespace TalentSphere.Auth.SignIn;

/// <summary>Credentials. A class, not a record: its text form must not spell out the password.</summary>
public sealed class LoginRequest
{
    /// <summary>Any case.</summary>
    [Required(ErrorMessage = "is required")]
    [StringLength(EmailAddress.MaxLength, ErrorMessage = "must have at most 254 characters")]
    [PlainText]
    public string? Email { get; init; }

    /// <summary>As registered.</summary>
    [Required(ErrorMessage = "is required")]
    [StringLength(PasswordPolicy.MaxLength, ErrorMessage = "must have at most 128 characters")]
    public string? Password { get; init; }

    /// <summary>A code of the authenticator, or a recovery code, where two-step sign-in is on.</summary>
    [StringLength(SecondFactor.MaxCodeLength, ErrorMessage = "must have at most 32 characters")]
    public string? Otp { get; init; }

    /// <summary>What an earlier sign-in on this device gave it to keep; whoever shows it is not locked out by the failures of strangers.</summary>
    [StringLength(512, ErrorMessage = "must have at most 512 characters")]
    public string? DeviceToken { get; init; }
}

internal static class Login
{
    public static async Task<Results<ApiOk<SignedIn>, ApiProblem>> HandleAsync(
        LoginRequest request, HttpContext context, AuthDbContext db, PasswordHashing passwords, PasswordProof proof, SecondFactor factor,
        SessionOpening sessions, KnownDevices devices, Mailbox mailbox, AuditTrail audit, TimeProvider time, CancellationToken cancellationToken)
    {
        var email = await EmailAddress.NormalizeAsync(request.Email!, db, cancellationToken);
        var known = await db.Accounts.AsNoTracking().SingleOrDefaultAsync(a => a.Email == email, cancellationToken);
        var caller = Caller.Of(context);
        var device = await devices.FindAsync(known?.Id, request.DeviceToken, cancellationToken);
        var claim = new Claimed(AuditActs.SignIn, email, known, caller) { Device = device };
        if (await proof.RefuseAsync(claim, request.Password!, () => Wrong(context), cancellationToken) is { } refusal)
            return refusal;
        var account = known!;
        // Only to whoever knows the password: to others the account is like any other.
        if (account.BlockedAt is not null)
        {
            await audit.WriteAloneAsync(
                new(AuditActs.SignIn, AuditOutcome.Denied, caller) { Target = account.Id, Subject = account.Id, Detail = "AUTH_BLOCKED" }, cancellationToken);
            return Api.Forbidden("AUTH_BLOCKED", "This account has been blocked.");
        }
        if (passwords.IsOutdated(account.PasswordHash))
            await RenewHashAsync(account, request.Password!, db, passwords, cancellationToken);
        // All or nothing: no session whose tokens were never handed out, and no failure that outlives the success.
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        if (await factor.RefuseAsync(claim, request.Otp, context, cancellationToken) is { } second)
            return second;
        if (device is null && !await devices.IsFamiliarAsync(account.Id, caller, cancellationToken))
            Announce(account, caller, mailbox, time);
        var opened = await sessions.OpenAsync(account, caller, device, cancellationToken);
        db.Publish(new UserLoggedIn(account.Id, caller.IpAddress, caller.UserAgent));
        try
        {
            await db.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateException e) when (e.InnerException is PostgresException { SqlState: PostgresErrorCodes.ForeignKeyViolation })
        {
            await transaction.RollbackAsync(cancellationToken);
            db.ChangeTracker.Clear();
            await audit.WriteAloneAsync(new(AuditActs.SignIn, AuditOutcome.Failed, caller) { Target = account.Id, Subject = account.Id }, cancellationToken);
            return Wrong(context);
        }
        // The session holds the account's row: whoever sets another password or blocks the account comes before it, and is seen here, or after it, and ends it.
        if (!await db.Accounts.AnyAsync(a => a.Id == account.Id && a.PasswordVersion == account.PasswordVersion && a.BlockedAt == null, cancellationToken))
        {
            await transaction.RollbackAsync(cancellationToken);
            db.ChangeTracker.Clear();
            await audit.WriteAloneAsync(new(AuditActs.SignIn, AuditOutcome.Failed, caller) { Target = account.Id, Subject = account.Id }, cancellationToken);
            return Wrong(context);
        }
        await devices.TouchAsync(account.Id, opened.DeviceId, cancellationToken);
        await proof.ForgetAsync(claim, cancellationToken);
        await audit.WriteAsync(
            new(AuditActs.SignIn, AuditOutcome.Succeeded, caller) { Actor = account.Id, Target = opened.SessionId, Email = email }, cancellationToken);
        await factor.WriteAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return Api.Ok(opened.Answer());
    }

    /// <summary>Also for an account that was erased while its password was checked.</summary>
    private static ApiProblem Wrong(HttpContext context) => context.Unauthorized("AUTH_001", "E-mail address or password is wrong.");

    /// <summary>Tells the owner, who will know whether it was them.</summary>
    private static void Announce(Account account, Caller caller, Mailbox mailbox, TimeProvider time) => mailbox.Notify(
        MailKind.UnfamiliarSignIn, account, ("time", time.GetUtcNow().ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture)),
        ("device", DeviceName.Of(caller.UserAgent) ?? "unknown device"), ("address", caller.IpAddress ?? "unknown address"));

    /// <summary>The parameters moved since the password was set; only now is it known again.</summary>
    private static async Task RenewHashAsync(Account account, string password, AuthDbContext db, PasswordHashing passwords, CancellationToken cancellationToken)
    {
        var (id, old) = (account.Id, account.PasswordHash);
        var renewed = await passwords.HashAsync(password, cancellationToken);
        await db.Accounts.Where(a => a.Id == id && a.PasswordHash == old)
            .ExecuteUpdateAsync(s => s.SetProperty(a => a.PasswordHash, renewed), cancellationToken);
    }
}
