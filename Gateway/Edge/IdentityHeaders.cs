using TalentSphere.Gateway.Edge.Explain;
using TalentSphere.Gateway.Edge.Tenants;
using TalentSphere.ServiceDefaults.Auth;
using Yarp.ReverseProxy.Transforms;
using Yarp.ReverseProxy.Transforms.Builder;

namespace TalentSphere.Gateway.Edge;

/// <summary>
/// Deletes every inbound <c>x-user-*</c> and <c>x-tenant-*</c> header and sets its own from the validated token. They are a convenience for logs and
/// caches: services take identity from the token, which they check themselves. What is for the gateway alone goes no further either.
/// </summary>
internal static class IdentityHeaders
{
    public const string Prefix = "x-user-";

    private const string _tenantPrefix = "x-tenant-";

    public static void Apply(TransformBuilderContext context) => context.AddRequestTransform(transform =>
    {
        var headers = transform.ProxyRequest.Headers;
        foreach (var name in transform.HttpContext.Request.Headers.Keys.Where(IsOurs))
            headers.Remove(name);
        if (transform.HttpContext.User.FindUserId() is { } userId)
        {
            headers.TryAddWithoutValidation("x-user-id", userId.ToString());
            headers.TryAddWithoutValidation("x-user-roles", string.Join(',', transform.HttpContext.User.Roles()));
        }
        if (transform.HttpContext.Features.Get<TenantContext>() is { } tenant)
            headers.TryAddWithoutValidation("x-tenant-id", tenant.Id);
        return ValueTask.CompletedTask;
    });

    private static bool IsOurs(string name) => name.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase)
        || name.StartsWith(_tenantPrefix, StringComparison.OrdinalIgnoreCase) || name.Equals(ExplainMiddleware.HeaderName, StringComparison.OrdinalIgnoreCase);
}
