using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;

namespace TalentSphere.ServiceDefaults.Auth;

/// <summary>
/// A token with a <c>scope</c> (RFC 9068 §2.2.3) may do no more than that says: <c>service:read</c> for GET and HEAD, <c>service:write</c> for everything.
/// A person's token has none, and may do what the person's roles allow.
/// </summary>
internal sealed class TokenScopes : IAuthorizationRequirement
{
    /// <summary>The claim that holds the scopes, separated by spaces.</summary>
    public const string Claim = "scope";

    public static TokenScopes Requirement { get; } = new();
}

internal sealed class TokenScopesHandler(ServiceIdentity service) : AuthorizationHandler<TokenScopes>
{
    protected override Task HandleRequirementAsync(AuthorizationHandlerContext context, TokenScopes requirement)
    {
        var scope = context.User.FindFirst(TokenScopes.Claim)?.Value;
        if (scope is null || context.Resource is not HttpContext http || Allows(scope, http.Request.Method))
            context.Succeed(requirement);
        else
            http.Features.Set(new InsufficientScope($"{service.Name}:{(IsRead(http.Request.Method) ? "read" : "write")}"));
        return Task.CompletedTask;
    }

    private bool Allows(string scope, string method)
    {
        var scopes = scope.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return scopes.Contains($"{service.Name}:write") || (IsRead(method) && (scopes.Contains($"{service.Name}:read") || scopes.Contains("*:read")));
    }

    private static bool IsRead(string method) => HttpMethods.IsGet(method) || HttpMethods.IsHead(method);
}

/// <summary>What a token lacks.</summary>
internal sealed record InsufficientScope(string Needed);
