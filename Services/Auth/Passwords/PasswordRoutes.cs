using TalentSphere.ServiceDefaults.Auth;

namespace TalentSphere.Auth.Passwords;

internal static class PasswordRoutes
{
    public static void MapPasswords(this IEndpointRouteBuilder routes)
    {
        var own = routes.MapGroup("/api/v1/auth/password").WithTags("Passwords").RequireSignedIn();
        own.MapPost("/change", ChangePassword.HandleAsync).WithName("ChangePassword")
            .WithSummary("Another password, proved by the present one; the account is signed out everywhere else.");

        // Proved by a mail, or by nothing yet: whoever comes here cannot sign in.
        var byMail = routes.MapGroup("/api/v1/auth/password").WithTags("Passwords").AllowAnonymous();
        byMail.MapPost("/forgot", ResetPassword.ForgotAsync).WithName("ForgotPassword")
            .WithSummary("Mails a link, good once for 15 minutes, to the address if there is an account under it; the answer is the same if not.");
        byMail.MapPost("/reset", ResetPassword.ResetAsync).WithName("ResetPassword")
            .WithSummary("A new password, proved by the link; the account is signed out everywhere.");
    }
}
