using TalentSphere.ServiceDefaults.Auth;

namespace TalentSphere.Auth.Sessions;

internal static class SessionRoutes
{
    public static void MapSessions(this IEndpointRouteBuilder routes)
    {
        // Both are proved by the refresh token itself: an expired access token must not stand in the way.
        var byToken = routes.MapGroup("/api/v1/auth").WithTags("Sessions").AllowAnonymous();
        byToken.MapPost("/refresh", RefreshSession.HandleAsync).WithName("RefreshSession")
            .WithSummary("A new pair of tokens. Two uses of one refresh token within 30 s give the same successor; a later one ends the session.");
        byToken.MapPost("/logout", EndSession.LogoutAsync).WithName("Logout")
            .WithSummary("Ends the session of the access token, or of the refresh token in the body.");

        var own = routes.MapGroup("/api/v1/auth").WithTags("Sessions").RequireSignedIn();
        own.MapGet("/verify", VerifyToken.HandleAsync).WithName("VerifyToken").WithSummary("What the access token says, if it is good and its session alive.");
        own.MapGet("/sessions", ListSessions.HandleAsync).WithName("ListSessions").WithSummary("Where the account is signed in, last used first.");
        own.MapDelete("/sessions", EndSession.DeleteOthersAsync).WithName("EndOtherSessions").WithSummary("Signs the account out everywhere but here.");
        own.MapDelete("/sessions/{id:guid}", EndSession.DeleteAsync).WithName("EndSession").WithSummary("Signs the account out there.");
    }
}
