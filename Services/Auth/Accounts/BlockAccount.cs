using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using TalentSphere.Auth.Audit;
using TalentSphere.Auth.Data;
using TalentSphere.Auth.Mfa;
using TalentSphere.Auth.Sessions;
using TalentSphere.Contracts.Auth;
using TalentSphere.ServiceDefaults.Auth;
using TalentSphere.ServiceDefaults.Http;
using TalentSphere.ServiceDefaults.Messaging;

namespace TalentSphere.Auth.Accounts;

internal static class BlockAccount
{
    /// <summary>Ends the account's sessions, and refuses its tokens everywhere within seconds. Saying it again changes nothing.</summary>
    public static Task<Results<ApiOk<AccountView>, ApiProblem>> BlockAsync(
        Guid id, HttpContext context, AuthDbContext db, StepUp stepUp, AuditTrail audit, TimeProvider time, CancellationToken cancellationToken) =>
        ChangeAsync(AuditActs.AccountBlocked, id, context, db, stepUp, audit, cancellationToken, async account =>
        {
            var now = time.GetUtcNow().UtcDateTime;
            if (!account.Block(now))
                return false;
            var sessions = await db.Sessions
                .FromSql($"SELECT * FROM sessions WHERE account_id = {id} AND revoked_at IS NULL ORDER BY id FOR UPDATE").ToListAsync(cancellationToken);
            foreach (var session in sessions.Where(s => s.Revoke(RevocationReason.AccountBlocked, now)))
                db.Publish(new UserLoggedOut(id, null, null));
            return true;
        });

    /// <summary>Lets its owner sign in again.</summary>
    public static Task<Results<ApiOk<AccountView>, ApiProblem>> UnblockAsync(
        Guid id, HttpContext context, AuthDbContext db, StepUp stepUp, AuditTrail audit, CancellationToken cancellationToken) =>
        ChangeAsync(AuditActs.AccountUnblocked, id, context, db, stepUp, audit, cancellationToken, account => Task.FromResult(account.Unblock()));

    private static async Task<Results<ApiOk<AccountView>, ApiProblem>> ChangeAsync(
        string act, Guid id, HttpContext context, AuthDbContext db, StepUp stepUp, AuditTrail audit, CancellationToken cancellationToken,
        Func<Account, Task<bool>> change)
    {
        var (_, stale) = await stepUp.RequireAsync(context.User, context, cancellationToken);
        if (stale is not null)
            return stale;
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await AdminTurns.TakeAsync(db, cancellationToken);
        var caller = context.User.UserId();
        if (!await db.Accounts.AnyAsync(a => a.Id == caller && a.BlockedAt == null && a.Roles.Contains(Roles.Admin), cancellationToken))
            return await RefuseAsync(Api.Forbidden());
        if (id == caller)
            return await RefuseAsync(Api.Conflict("AUTH_OWN_ACCOUNT", "Nobody blocks the account he is signed in to."));
        if (await db.LockAccountAsync(id, cancellationToken) is not { } account)
            return Api.NotFound("USER_001", "There is no such account.");
        var changed = await change(account);
        await db.SaveChangesAsync(cancellationToken);
        if (changed)
            await audit.WriteAsync(new(act, AuditOutcome.Succeeded, Caller.Of(context)) { Actor = caller, Target = id }, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return Api.Ok(AccountView.Of(account)).WithVersion(account.Version);

        async Task<ApiProblem> RefuseAsync(ApiProblem refusal)
        {
            await audit.WriteAsync(new(act, AuditOutcome.Denied, Caller.Of(context)) { Actor = caller, Target = id, Detail = refusal.Code }, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            return refusal;
        }
    }
}
