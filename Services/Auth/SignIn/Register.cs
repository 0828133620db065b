using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Npgsql;
using TalentSphere.Auth.Accounts;
using TalentSphere.Auth.Audit;
using TalentSphere.Auth.Data;
using TalentSphere.Auth.Links;
using TalentSphere.Auth.Mail;
using TalentSphere.Auth.Passwords;
using TalentSphere.Auth.Sessions;
using TalentSphere.Contracts.Auth;
using TalentSphere.ServiceDefaults.Data;
using TalentSphere.ServiceDefaults.Http;
using TalentSphere.ServiceDefaults.Messaging;

namespace TalentSphere.Auth.SignIn;

/// <summary>A new account. A class, not a record: its text form must not spell out the password.</summary>
public sealed class RegisterRequest : IValidatableObject
{
    /// <summary>Stored trimmed and in lower case; one account each.</summary>
    [Required(ErrorMessage = "is required")]
    [StringLength(EmailAddress.MaxLength, ErrorMessage = "must have at most 254 characters")]
    [EmailAddressForm]
    public string? Email { get; init; }

    /// <summary>10 to 128 characters, none of the commonest passwords, not the address.</summary>
    [Required(ErrorMessage = "is required")]
    [StringLength(PasswordPolicy.MaxLength, MinimumLength = PasswordPolicy.MinLength, ErrorMessage = "must have 10 to 128 characters")]
    [UncommonPassword]
    public string? Password { get; init; }

    /// <summary>How others see the person, 1 to 100 characters.</summary>
    [Required(ErrorMessage = "is required")]
    [StringLength(Account.MaxNameLength, MinimumLength = 1, ErrorMessage = "must have 1 to 100 characters")]
    [PlainText]
    public string? Name { get; init; }

    /// <summary>jobseeker (also called learner; the default) or employer (also called recruiter).</summary>
    [SelfRegisteredRole]
    public string? Role { get; init; }

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Password is not null && PasswordPolicy.RepeatsContext(Password, Email, Name))
            yield return new(PasswordPolicy.ContextFault, [nameof(Password)]);
    }
}

internal static class Register
{
    public static async Task<Results<ApiCreated<SignedIn>, ApiProblem>> HandleAsync(
        RegisterRequest request, HttpContext context, AuthDbContext db, PasswordHashing passwords, SessionOpening sessions, OneTimeLinks links, Mailbox mailbox,
        AuditTrail audit, IOptions<AuthOptions> options, TimeProvider time, CancellationToken cancellationToken)
    {
        var email = await EmailAddress.NormalizeAsync(request.Email!, db, cancellationToken);
        if (email.Length > EmailAddress.MaxLength)
            return Api.Invalid("email", "must have at most 254 characters");
        var caller = Caller.Of(context);
        // Only to save the hashing: the unique index decides.
        if (await db.Accounts.AnyAsync(a => a.Email == email, cancellationToken))
            return await TakenAsync(email, caller, audit, cancellationToken);
        var hash = await passwords.HashAsync(request.Password!, cancellationToken);
        var account = new Account(email, request.Name!.Trim(), hash, request.Role is null ? Roles.JobSeeker : RoleNames.Find(request.Role)!);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        db.Accounts.Add(account);
        db.Publish(account.Registered());
        mailbox.Send(
            MailKind.VerifyEmail, account, links.Issue(account, LinkPurpose.VerifyEmail, email, time.GetDatabaseNow() + options.Value.EmailLinkLifetime));
        var opened = await sessions.OpenAsync(account, caller, device: null, cancellationToken);
        try
        {
            await db.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateException e) when (e.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation })
        {
            await transaction.RollbackAsync(cancellationToken);
            return await TakenAsync(email, caller, audit, cancellationToken);
        }
        await audit.WriteAsync(
            new(AuditActs.AccountRegistered, AuditOutcome.Succeeded, caller) { Actor = account.Id, Target = account.Id, Email = email }, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return Api.Created("/api/v1/auth/me", opened.Answer());
    }

    /// <summary>Who asks for taken addresses is finding out who has an account: that is written down.</summary>
    private static async Task<ApiProblem> TakenAsync(string email, Caller caller, AuditTrail audit, CancellationToken cancellationToken)
    {
        await audit.WriteAloneAsync(new(AuditActs.AccountRegistered, AuditOutcome.Denied, caller) { Email = email }, cancellationToken);
        return Api.Conflict("AUTH_003", "An account with this e-mail address exists already.");
    }
}
