using Microsoft.AspNetCore.Authorization;
using TalentSphere.ServiceDefaults.Auth;

namespace TalentSphere.Gateway.Edge;

/// <summary>
/// Whoever shows a token must show a valid one; whether one is needed at all is the service's decision, which knows its routes.
/// </summary>
internal sealed class TokenIfAny : IAuthorizationRequirement
{
    public const string PolicyName = "token-if-any";
}

internal sealed class TokenIfAnyHandler : AuthorizationHandler<TokenIfAny>
{
    protected override Task HandleRequirementAsync(AuthorizationHandlerContext context, TokenIfAny requirement)
    {
        if (context.User.Identity?.IsAuthenticated == true || (context.Resource is HttpContext http && !ShowsToken(http.Request)))
            context.Succeed(requirement);
        return Task.CompletedTask;
    }

    private static bool ShowsToken(HttpRequest request) => request.Headers.Authorization.Count > 0
        || (request.Path.StartsWithSegments("/hubs") && request.Query.ContainsKey("access_token"));
}

/// <summary>The same for the gateway's own routes, whose document says that no token is needed.</summary>
internal static class TokenIfAnyExtensions
{
    public static RouteHandlerBuilder RequireTokenIfAny(this RouteHandlerBuilder route) => route.RequireAuthorization(TokenIfAny.PolicyName).WithMetadata(new TokenOptional());
}
