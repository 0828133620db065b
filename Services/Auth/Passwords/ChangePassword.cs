using System.ComponentModel.DataAnnotations;
using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using TalentSphere.Auth.Accounts;
using TalentSphere.Auth.Audit;
using TalentSphere.Auth.Data;
using TalentSphere.Auth.Mfa;
using TalentSphere.Auth.Sessions;
using TalentSphere.Auth.SignIn;
using TalentSphere.ServiceDefaults.Auth;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Auth.Passwords;

/// <summary>Another password for oneself. A class, not a record: its text form must not spell out the passwords.</summary>
public sealed class ChangePasswordRequest
{
    /// <summary>The present one.</summary>
    [Required(ErrorMessage = "is required")]
    [StringLength(PasswordPolicy.MaxLength, ErrorMessage = "must have at most 128 characters")]
    public string? CurrentPassword { get; init; }

    /// <summary>10 to 128 characters, none of the commonest passwords, not made of the person's name or address, not the present one.</summary>
    [Required(ErrorMessage = "is required")]
    [StringLength(PasswordPolicy.MaxLength, MinimumLength = PasswordPolicy.MinLength, ErrorMessage = "must have 10 to 128 characters")]
    [UncommonPassword]
    public string? NewPassword { get; init; }

    /// <summary>A code of the authenticator, or a recovery code, where two-step sign-in is on and the last sign-in is not recent.</summary>
    [StringLength(SecondFactor.MaxCodeLength, ErrorMessage = "must have at most 32 characters")]
    public string? Otp { get; init; }
}

internal static class ChangePassword
{
    public static async Task<Results<NoContent, ApiProblem>> HandleAsync(
        ChangePasswordRequest request, ClaimsPrincipal user, HttpContext context, AuthDbContext db, PasswordProof proof, PasswordHashing passwords,
        PasswordReplacement replacement, LiveSessions sessions, StepUp stepUp, SecondFactor factor, AuditTrail audit, CancellationToken cancellationToken)
    {
        if (await sessions.FindAsync(user, cancellationToken) is not { } session)
            return context.SessionEnded();
        var known = await db.Accounts.AsNoTracking().SingleAsync(a => a.Id == session.AccountId, cancellationToken);
        if (PasswordPolicy.RepeatsContext(request.NewPassword!, known.Email, known.Name))
            return Api.Invalid("newPassword", PasswordPolicy.ContextFault);
        var caller = Caller.Of(context);
        var claim = new Claimed(AuditActs.PasswordChanged, known.Email, known, caller) { Session = session };
        if (await proof.RefuseAsync(claim, request.CurrentPassword!, PasswordProof.Wrong, cancellationToken) is { } refusal)
            return refusal;
        if (request.NewPassword == request.CurrentPassword)
            return Api.Invalid("newPassword", "is the present password");
        var hash = await passwords.HashAsync(request.NewPassword!, cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var account = await db.LockAccountAsync(known.Id, cancellationToken);
        // Somebody else was faster, with a reset perhaps: the password that was proved is not the present one any more.
        if (account is null || account.PasswordVersion != known.PasswordVersion)
            return PasswordProof.Wrong();
        if (!stepUp.IsRecent(session) && await factor.RefuseAsync(claim, request.Otp, context, cancellationToken) is { } second)
            return second;
        var ended = await replacement.ApplyAsync(account, hash, session.Id, caller, cancellationToken);
        await proof.ForgetAsync(claim, cancellationToken);
        await audit.WriteAsync(
            new(AuditActs.PasswordChanged, AuditOutcome.Succeeded, caller) { Actor = account.Id, Target = account.Id, Detail = $"sessions ended: {ended}" },
            cancellationToken);
        await factor.WriteAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return TypedResults.NoContent();
    }
}
