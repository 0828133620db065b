using System.IdentityModel.Tokens.Jwt;
using System.Security.Claims;
using TalentSphere.Gateway.Edge.Tenants;
using TalentSphere.ServiceDefaults.Auth;
using Yarp.ReverseProxy.Transforms;
using Yarp.ReverseProxy.Transforms.Builder;

namespace TalentSphere.Gateway.Edge;

/// <summary>
/// Sets <c>x-user-*</c> headers from the validated token, and <c>x-tenant-id</c> from what was checked against it, where those of the caller were dropped.
/// They are a convenience for logs and caches: services take identity from the token, which they check themselves.
/// </summary>
internal static class IdentityHeaders
{
    public const string Prefix = "x-user-";

    public static void Apply(TransformBuilderContext context) => context.AddRequestTransform(static transform =>
    {
        var user = transform.HttpContext.User;
        if (user.FindFirst(JwtRegisteredClaimNames.Sub)?.Value is { } userId)
        {
            transform.ProxyRequest.Headers.TryAddWithoutValidation("x-user-id", userId);
            transform.ProxyRequest.Headers.TryAddWithoutValidation("x-user-roles", RolesOf(user));
        }
        if (transform.HttpContext.Features.Get<TenantContext>() is { } tenant)
            transform.ProxyRequest.Headers.TryAddWithoutValidation("x-tenant-id", tenant.Id);
        return ValueTask.CompletedTask;
    });

    private static string RolesOf(ClaimsPrincipal user)
    {
        var roles = "";
        foreach (var claim in user.Claims)
        {
            // Nearly everybody has one role, whose text is taken as it is.
            if (claim.Type == ClaimsPrincipalExtensions.RoleClaim)
                roles = roles.Length == 0 ? claim.Value : $"{roles},{claim.Value}";
        }
        return roles;
    }
}
