using Microsoft.AspNetCore.Authorization;

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
        var signedIn = context.User.Identity?.IsAuthenticated == true;
        var anonymous = context.Resource is HttpContext http && http.Request.Headers.Authorization.Count == 0
            && !(http.Request.Path.StartsWithSegments("/hubs") && http.Request.Query.ContainsKey("access_token"));
        if (signedIn || anonymous)
            context.Succeed(requirement);
        return Task.CompletedTask;
    }
}
