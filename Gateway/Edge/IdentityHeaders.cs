using TalentSphere.ServiceDefaults.Auth;
using Yarp.ReverseProxy.Transforms;
using Yarp.ReverseProxy.Transforms.Builder;

namespace TalentSphere.Gateway.Edge;

/// <summary>
/// Deletes every inbound <c>x-user-*</c> header and sets its own from the validated token. They are a convenience for logs and
/// caches: services take identity from the token, which they check themselves.
/// </summary>
internal static class IdentityHeaders
{
    public const string Prefix = "x-user-";

    public static void Apply(TransformBuilderContext context) => context.AddRequestTransform(transform =>
    {
        var headers = transform.ProxyRequest.Headers;
        foreach (var name in transform.HttpContext.Request.Headers.Keys.Where(k => k.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase)))
            headers.Remove(name);
        if (transform.HttpContext.User.FindUserId() is { } userId)
        {
            headers.TryAddWithoutValidation("x-user-id", userId.ToString());
            headers.TryAddWithoutValidation("x-user-roles", string.Join(',', transform.HttpContext.User.Roles()));
        }
        return ValueTask.CompletedTask;
    });
}
