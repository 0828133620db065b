using TalentSphere.Contracts.Auth;
using TalentSphere.ServiceDefaults.Auth;

namespace TalentSphere.Auth.Accounts;

internal static class AccountRoutes
{
    public static void MapAccounts(this IEndpointRouteBuilder routes)
    {
        var own = routes.MapGroup("/api/v1/auth").WithTags("Accounts").RequireSignedIn();
        own.MapGet("/me", GetMe.HandleAsync).WithName("GetMe").WithSummary("The signed-in account.");

        var users = routes.MapGroup("/api/v1/auth/users").WithTags("Accounts").RequireRoles(Roles.Admin);
        users.MapGet("", ListUsers.HandleAsync).WithName("ListUsers").WithSummary("All accounts, newest first; q looks in name and address.");
        users.MapPut("/{id:guid}/roles", ChangeUserRoles.HandleAsync).WithName("ChangeUserRoles")
            .WithSummary("Sets an account's roles; they count from its next access token on, 15 minutes from now at the latest.");
    }
}
