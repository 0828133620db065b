using System.ComponentModel.DataAnnotations;
using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using TalentSphere.Auth.Accounts;
using TalentSphere.Auth.Audit;
using TalentSphere.Auth.Data;
using TalentSphere.Auth.Mfa;
using TalentSphere.Auth.Passwords;
using TalentSphere.Auth.Sessions;
using TalentSphere.Auth.SignIn;
using TalentSphere.Contracts.Auth;
using TalentSphere.ServiceDefaults.Auth;
using TalentSphere.ServiceDefaults.Data;
using TalentSphere.ServiceDefaults.Erasure;
using TalentSphere.ServiceDefaults.Http;
using TalentSphere.ServiceDefaults.Messaging;

namespace TalentSphere.Auth.Erasure;

/// <summary>Confirms it. A class, not a record: its text form must not spell out the password.</summary>
public sealed class EraseOwnAccountRequest
{
    /// <summary>The account's password: an unattended screen is not enough to delete somebody.</summary>
    [Required(ErrorMessage = "is required")]
    [StringLength(PasswordPolicy.MaxLength, ErrorMessage = "must have at most 128 characters")]
    public string? Password { get; init; }

    /// <summary>A code of the authenticator, or a recovery code, where two-step sign-in is on and the last sign-in is not recent.</summary>
    [StringLength(SecondFactor.MaxCodeLength, ErrorMessage = "must have at most 32 characters")]
    public string? Otp { get; init; }
}

/// <summary>Where to see how the erasure goes.</summary>
/// <param name="CaseId">Whoever has it may ask; keep it to oneself.</param>
/// <param name="Receipt">Where to ask: a path within the platform.</param>
public sealed record OpenedErasure(string CaseId, string Receipt);

internal static class EraseOwnAccount
{
    /// <summary>
    /// Removes the account with everything that this service holds of it, opens the case and tells every other service, all in one transaction.
    /// </summary>
    public static async Task<Results<ApiAccepted<OpenedErasure>, ApiProblem>> HandleAsync(
        [FromBody] EraseOwnAccountRequest request, ClaimsPrincipal user, HttpContext context, AuthDbContext db, SignInLock signInLock, PasswordProof proof,
        LiveSessions sessions, StepUp stepUp, SecondFactor factor, RetainedEvents events, Receipts receipts, AuditTrail audit, TimeProvider time, CancellationToken cancellationToken)
    {
        var id = user.UserId();
        if (await db.Accounts.AsNoTracking().SingleOrDefaultAsync(a => a.Id == id, cancellationToken) is not { } known)
            return await AgainAsync(id, db, receipts, cancellationToken);
        if (await sessions.FindAsync(user, cancellationToken) is not { } session)
            return await db.ErasureCases.AnyAsync(e => e.UserId == id, cancellationToken) ? Accepted(receipts.CaseIdOf(id)) : context.SessionEnded();
        var caller = Caller.Of(context);
        var claim = new Claimed(AuditActs.AccountErased, known.Email, known, caller) { Session = session };
        if (await proof.RefuseAsync(claim, request.Password!, PasswordProof.Wrong, cancellationToken) is { } refusal)
            return refusal;

        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await AdminTurns.TakeAsync(db, cancellationToken);
        var account = await db.LockAccountAsync(id, cancellationToken);
        if (account is null)
            return await AgainAsync(id, db, receipts, cancellationToken);
        if (!stepUp.IsRecent(session) && await factor.RefuseAsync(claim, request.Otp, context, cancellationToken) is { } second)
            return second;
        if (account.IsAdmin && !await db.Accounts.AnyAsync(a => a.Id != id && a.Roles.Contains(Roles.Admin), cancellationToken))
        {
            await audit.WriteAsync(new(AuditActs.AccountErased, AuditOutcome.Denied, caller) { Actor = id, Target = id, Detail = "AUTH_LAST_ADMIN" }, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            return Api.Conflict("AUTH_LAST_ADMIN", "The last admin cannot leave: make somebody else admin first.");
        }

        var caseId = receipts.CaseIdOf(id);
        var erasure = new ErasureCase(id, Receipts.Hash(caseId), ExpectedAnswers.Services, time.GetDatabaseNow());
        var records = await RemoveAsync(account, signInLock.KeyOf(account.Email), db, cancellationToken);
        erasure.Note(ExpectedAnswers.Own, records, time.GetDatabaseNow());
        db.ErasureCases.Add(erasure);
        db.Publish(new UserDeleted(id));
        await db.SaveChangesAsync(cancellationToken);
        // Last: whoever was signing in or out has committed or will find nothing, and the events of that are here.
        await events.RedactAsync(db, id, cancellationToken);
        await audit.EraseAsync(new(AuditActs.AccountErased, AuditOutcome.Succeeded, caller) { Actor = id, Target = id }, id, account.Email, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return Accepted(caseId);
    }

    private static async Task<int> RemoveAsync(Account account, byte[] key, AuthDbContext db, CancellationToken cancellationToken)
    {
        var id = account.Id;
        // In the order in which others lock them, so that nobody waits for us while we wait for them.
        await db.Database.ExecuteSqlAsync($"SELECT id FROM sessions WHERE account_id = {id} ORDER BY id FOR UPDATE", cancellationToken);
        var records = await db.RefreshTokens.Where(t => db.Sessions.Any(s => s.Id == t.SessionId && s.AccountId == id)).ExecuteDeleteAsync(cancellationToken);
        records += await db.Sessions.Where(s => s.AccountId == id).ExecuteDeleteAsync(cancellationToken);
        records += await db.ApiKeys.Where(k => k.AccountId == id).ExecuteDeleteAsync(cancellationToken);
        records += await db.PendingMails.Where(m => m.AccountId == id).ExecuteDeleteAsync(cancellationToken);
        records += await db.OneTimeLinks.Where(l => l.AccountId == id).ExecuteDeleteAsync(cancellationToken);
        records += await db.Authenticators.Where(a => a.AccountId == id).ExecuteDeleteAsync(cancellationToken);
        records += await db.RecoveryCodes.Where(c => c.AccountId == id).ExecuteDeleteAsync(cancellationToken);
        records += await db.KnownDevices.Where(d => d.AccountId == id).ExecuteDeleteAsync(cancellationToken);
        records += await db.SignInFailures.Where(f => f.Key == key).ExecuteDeleteAsync(cancellationToken);
        db.Accounts.Remove(account);
        return records + 1;
    }

    /// <summary>Asked a second time: the same answer, to whoever still holds a token of the account.</summary>
    private static async Task<Results<ApiAccepted<OpenedErasure>, ApiProblem>> AgainAsync(
        Guid id, AuthDbContext db, Receipts receipts, CancellationToken cancellationToken) =>
        await db.ErasureCases.AnyAsync(e => e.UserId == id, cancellationToken)
            ? Accepted(receipts.CaseIdOf(id))
            : Api.NotFound("USER_001", "This account is gone.");

    private static ApiAccepted<OpenedErasure> Accepted(string caseId) =>
        Api.Accepted(Receipts.PathOf(caseId), new OpenedErasure(caseId, Receipts.PathOf(caseId)));
}
