using System.ComponentModel.DataAnnotations;
using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using TalentSphere.Auth.Audit;
using TalentSphere.Auth.Data;
using TalentSphere.Auth.Mfa;
using TalentSphere.Auth.Sessions;
using TalentSphere.Contracts.Auth;
using TalentSphere.ServiceDefaults.Auth;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Auth.Accounts;

/// <summary>The roles an account shall have.</summary>
public sealed class ChangeUserRolesRequest
{
    /// <summary>One or more of jobseeker, employer, instructor, admin, ops.</summary>
    [Required(ErrorMessage = "is required")]
    [Length(1, 10, ErrorMessage = "must hold 1 to 10 roles")]
    [KnownRoles]
    public IReadOnlyList<string>? Roles { get; init; }
}

internal static class ChangeUserRoles
{
    public static async Task<Results<ApiOk<AccountView>, ApiProblem>> HandleAsync(
        Guid id, ChangeUserRolesRequest request, ClaimsPrincipal user, HttpContext context, AuthDbContext db, StepUp stepUp, AuditTrail audit,
        CancellationToken cancellationToken)
    {
        var (session, stale) = await stepUp.RequireAsync(user, context, cancellationToken);
        if (session is null)
            return stale!;
        var roles = request.Roles!.Select(r => RoleNames.Find(r)!).Distinct().ToList();
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        // Role changes are rare: taking turns keeps two admins from removing each other at the same moment.
        await AdminTurns.TakeAsync(db, cancellationToken);
        // The caller's token may be older than the loss of its role.
        var caller = session.AccountId;
        if (!await db.Accounts.AnyAsync(a => a.Id == caller && a.Roles.Contains(Roles.Admin), cancellationToken))
            return await RefuseAsync(Api.Forbidden());
        if (await db.Accounts.SingleOrDefaultAsync(a => a.Id == id, cancellationToken) is not { } account)
            return Api.NotFound("USER_001", "There is no such account.");
        if (EntityTag.IfMatchFails(context.Request, account.Version) is { } changed)
            return changed;
        var otherAdmins = await db.Accounts.CountAsync(a => a.Id != id && a.Roles.Contains(Roles.Admin), cancellationToken);
        var before = account.Roles;
        if (account.ChangeRoles(roles, otherAdmins) == RoleChange.LastAdmin)
            return await RefuseAsync(Api.Conflict("AUTH_LAST_ADMIN", "The last admin cannot lose that role: make somebody else admin first."));
        await db.SaveChangesAsync(cancellationToken);
        await audit.WriteAsync(Note(AuditOutcome.Succeeded, $"{string.Join(' ', before)} -> {string.Join(' ', account.Roles)}"), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return Api.Ok(AccountView.Of(account)).WithVersion(account.Version);

        AuditNote Note(AuditOutcome outcome, string detail) => new(AuditActs.RolesChanged, outcome, Caller.Of(context)) { Actor = caller, Target = id, Detail = detail };

        async Task<ApiProblem> RefuseAsync(ApiProblem refusal)
        {
            await audit.WriteAsync(Note(AuditOutcome.Denied, refusal.Code), cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            return refusal;
        }
    }
}
