using TalentSphere.Contracts.Auth;
using TalentSphere.ServiceDefaults.Auth;

namespace TalentSphere.Auth.Accounts;

internal static class AccountRoutes
{
    public static void MapAccounts(this IEndpointRouteBuilder routes)
    {
        var own = routes.MapGroup("/api/v1/auth").WithTags("Accounts").RequireSignedIn();
        own.MapPost("/email/resend", VerifyEmail.ResendAsync).WithName("ResendVerification").WithSummary("Mails the link that confirms the address once more, at most once a minute.");
        own.MapPost("/email/change", ChangeEmail.HandleAsync).WithName("ChangeEmail")
            .WithSummary("Asks the new address to confirm, proved by the password, and tells the old one; nothing changes before that.");
        own.MapGet("/me", GetMe.HandleAsync).WithName("GetMe").WithSummary("The signed-in account.");

        // Proved by the mail: it may be read on a device that is not signed in.
        var byMail = routes.MapGroup("/api/v1/auth").WithTags("Accounts").AllowAnonymous();
        byMail.MapPost("/email/verify", VerifyEmail.HandleAsync).WithName("VerifyEmail").WithSummary("Confirms an address with the link that was mailed to it, good once for 24 hours.");

        var users = routes.MapGroup("/api/v1/auth/users").WithTags("Accounts").RequireRoles(Roles.Admin);
        users.MapGet("", ListUsers.HandleAsync).WithName("ListUsers").WithSummary("All accounts, newest first; q looks in name and address.");
        users.MapPut("/{id:guid}/roles", ChangeUserRoles.HandleAsync).WithName("ChangeUserRoles")
            .WithSummary("Sets an account's roles; access tokens with others are refused everywhere within seconds, and the next refresh brings the new ones.");
        users.MapPut("/{id:guid}/block", BlockAccount.BlockAsync).WithName("BlockUser")
            .WithSummary("Ends an account's sessions and keeps it from signing in; its tokens are refused everywhere within seconds.");
        users.MapDelete("/{id:guid}/block", BlockAccount.UnblockAsync).WithName("UnblockUser").WithSummary("Lets a blocked account sign in again.");
    }
}
