using System.ComponentModel.DataAnnotations;
using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using TalentSphere.Auth.Audit;
using TalentSphere.Auth.Data;
using TalentSphere.Auth.Passwords;
using TalentSphere.Auth.Sessions;
using TalentSphere.Auth.SignIn;
using TalentSphere.ServiceDefaults.Data;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Auth.Mfa;

/// <summary>Proves once more who is signed in. A class, not a record: its text form must not spell out the password.</summary>
public sealed class ReauthenticateRequest
{
    /// <summary>The account's password.</summary>
    [Required(ErrorMessage = "is required")]
    [StringLength(PasswordPolicy.MaxLength, ErrorMessage = "must have at most 128 characters")]
    public string? Password { get; init; }

    /// <summary>A code of the authenticator, or a recovery code, where two-step sign-in is on.</summary>
    [StringLength(SecondFactor.MaxCodeLength, ErrorMessage = "must have at most 32 characters")]
    public string? Otp { get; init; }
}

internal static class Reauthenticate
{
    public static async Task<Results<NoContent, ApiProblem>> HandleAsync(
        ReauthenticateRequest request, ClaimsPrincipal user, HttpContext context, AuthDbContext db, LiveSessions sessions, PasswordProof proof, SecondFactor factor,
        AuditTrail audit, TimeProvider time, CancellationToken cancellationToken)
    {
        if (await sessions.FindAsync(user, cancellationToken) is not { } session)
            return context.SessionEnded();
        if (await db.Accounts.AsNoTracking().SingleOrDefaultAsync(a => a.Id == session.AccountId, cancellationToken) is not { } account)
            return context.SessionEnded();
        var caller = Caller.Of(context);
        var claim = new Claimed(AuditActs.Reauthenticated, account.Email, account, caller) { Session = session };
        if (await proof.RefuseAsync(claim, request.Password!, PasswordProof.Wrong, cancellationToken) is { } refusal)
            return refusal;
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        if (await factor.RefuseAsync(claim, request.Otp, context, cancellationToken) is { } second)
            return second;
        var row = (await db.Sessions.FromSql($"SELECT * FROM sessions WHERE id = {session.Id} FOR UPDATE").ToListAsync(cancellationToken)).SingleOrDefault();
        var version = await db.Accounts.Where(a => a.Id == account.Id).Select(a => (int?)a.PasswordVersion).SingleOrDefaultAsync(cancellationToken);
        if (row is null || row.RevokedAt is not null || version != account.PasswordVersion)
            return context.SessionEnded();
        row.Reauthenticate(time.GetDatabaseNow());
        await db.SaveChangesAsync(cancellationToken);
        await proof.ForgetAsync(claim, cancellationToken);
        await audit.WriteAsync(new(AuditActs.Reauthenticated, AuditOutcome.Succeeded, caller) { Actor = account.Id, Target = session.Id }, cancellationToken);
        await factor.WriteAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return TypedResults.NoContent();
    }
}
