using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using TalentSphere.Auth.Data;
using TalentSphere.ServiceDefaults.Auth;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Auth.Accounts;

internal static class GetMe
{
    public static async Task<Results<ApiOk<AccountView>, ApiProblem>> HandleAsync(ClaimsPrincipal user, AuthDbContext db, CancellationToken cancellationToken)
    {
        var id = user.UserId();
        return await db.Accounts.AsNoTracking().SingleOrDefaultAsync(a => a.Id == id, cancellationToken) is { } account
            ? Api.Ok(AccountView.Of(account))
            : Api.NotFound("USER_001", "This account is gone.");
    }
}
