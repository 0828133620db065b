using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using TalentSphere.ServiceDefaults.Erasure;

namespace TalentSphere.ServiceDefaults.Auth;

/// <summary>What a route group decides about its callers; <c>AllowAnonymous()</c> is the third choice.</summary>
public static class RoutePolicies
{
    /// <summary>Anybody who is signed in.</summary>
    public static TBuilder RequireSignedIn<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder => builder.RequireAuthorization(p => p.RequireAuthenticatedUser().AddRequirements(TokenScopes.Requirement)).KeepErasedOut();

    /// <summary>Accounts that hold at least one of the roles.</summary>
    public static TBuilder RequireRoles<TBuilder>(this TBuilder builder, params string[] roles)
        where TBuilder : IEndpointConventionBuilder =>
        builder.RequireAuthorization(p => p.RequireAuthenticatedUser().RequireRole(roles).AddRequirements(TokenScopes.Requirement)).KeepErasedOut();

    /// <summary>Who runs the platform: <c>admin</c> and <c>ops</c>.</summary>
    public static TBuilder RequireOperator<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder => builder.RequireRoles("admin", "ops");

    /// <summary>Who may see and destroy what is other people's: <c>admin</c>.</summary>
    public static TBuilder RequireAdministrator<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder => builder.RequireRoles("admin");

    /// <summary>Fails the start when a route has neither a policy nor <c>AllowAnonymous()</c>.</summary>
    internal static void EnsureEveryRouteDecided(IEndpointRouteBuilder routes)
    {
        var undecided = routes.DataSources.SelectMany(s => s.Endpoints).OfType<RouteEndpoint>()
            .Where(e => e.Metadata.GetMetadata<IAuthorizeData>() is null && e.Metadata.GetMetadata<AuthorizationPolicy>() is null
                && e.Metadata.GetMetadata<IAllowAnonymous>() is null)
            .Select(e => e.DisplayName ?? e.RoutePattern.RawText)
            .ToList();
        if (undecided.Count > 0)
            throw new InvalidOperationException("No authorization was decided for: " + string.Join(", ", undecided));
    }

    private static TBuilder KeepErasedOut<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder
    {
        builder.Add(ErasedCallers.KeepOut);
        return builder;
    }
}
