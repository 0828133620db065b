using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using TalentSphere.Auth.Data;
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
        Guid id, ClaimsPrincipal user, AuthDbContext db, TimeProvider time, CancellationToken cancellationToken) =>
        ChangeAsync(id, user, db, cancellationToken, async account =>
        {
            var now = time.GetUtcNow().UtcDateTime;
            if (!account.Block(now))
                return;
            var sessions = await db.Sessions
                .FromSql($"SELECT * FROM sessions WHERE account_id = {id} AND revoked_at IS NULL ORDER BY id FOR UPDATE").ToListAsync(cancellationToken);
            foreach (var session in sessions.Where(s => s.Revoke(RevocationReason.AccountBlocked, now)))
                db.Publish(new UserLoggedOut(id, null, null));
        });

    /// <summary>Lets its owner sign in again.</summary>
    public static Task<Results<ApiOk<AccountView>, ApiProblem>> UnblockAsync(Guid id, ClaimsPrincipal user, AuthDbContext db, CancellationToken cancellationToken) =>
        ChangeAsync(id, user, db, cancellationToken, account =>
        {
            account.Unblock();
            return Task.CompletedTask;
        });

    private static async Task<Results<ApiOk<AccountView>, ApiProblem>> ChangeAsync(
        Guid id, ClaimsPrincipal user, AuthDbContext db, CancellationToken cancellationToken, Func<Account, Task> change)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await AdminTurns.TakeAsync(db, cancellationToken);
        var caller = user.UserId();
        if (!await db.Accounts.AnyAsync(a => a.Id == caller && a.BlockedAt == null && a.Roles.Contains(Roles.Admin), cancellationToken))
            return Api.Forbidden();
        if (id == caller)
            return Api.Conflict("AUTH_OWN_ACCOUNT", "Nobody blocks the account he is signed in to.");
        if (await db.Accounts.SingleOrDefaultAsync(a => a.Id == id, cancellationToken) is not { } account)
            return Api.NotFound("USER_001", "There is no such account.");
        await change(account);
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return Api.Ok(AccountView.Of(account)).WithVersion(account.Version);
    }
}
