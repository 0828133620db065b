using System.Collections.Frozen;
using TalentSphere.Gateway.Edge.Explain;
using Yarp.ReverseProxy.Transforms;
using Yarp.ReverseProxy.Transforms.Builder;

namespace TalentSphere.Gateway.Edge.Requests;

/// <summary>
/// Keeps from services every header by which a caller could claim to be somebody, to come from somewhere else, or to have asked for something else. Where it comes
/// from YARP says itself, in <c>X-Forwarded-*</c>. Nobody signs in with a cookie here, and <c>Expect</c> was answered by the gateway.
/// </summary>
internal static class UpstreamRequestHeaders
{
    private const string _forwarded = "x-forwarded-";
    private const string _original = "x-original-";
    private const string _tenant = "x-tenant-";

    private static readonly FrozenSet<string> _dropped = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase,
        "cookie", "expect", "trailer", "forwarded", "via", "x-real-ip", "x-client-ip", "x-cluster-client-ip", "x-host", "true-client-ip", "client-ip", "cf-connecting-ip",
        ExplainMiddleware.HeaderName, "x-rewrite-url", "x-http-method", "x-http-method-override", "x-method-override");

    /// <summary>Before YARP adds its own <c>X-Forwarded-*</c>, which comes last.</summary>
    public static void Apply(TransformBuilderContext context) => context.AddRequestTransform(static transform =>
    {
        foreach (var (name, _) in transform.HttpContext.Request.Headers)
        {
            if (IsDropped(name))
                RequestTransform.RemoveHeader(transform, name);
        }
        return ValueTask.CompletedTask;
    });

    // An underscore becomes the same variable as a hyphen wherever headers are handed on as variables (RFC 3875 §4.1.18); no client of ours needs one.
    private static bool IsDropped(string name) =>
        _dropped.Contains(name) || name.Contains('_') || (name[0] is 'x' or 'X' && (
            name.StartsWith(IdentityHeaders.Prefix, StringComparison.OrdinalIgnoreCase) || name.StartsWith(_forwarded, StringComparison.OrdinalIgnoreCase)
            || name.StartsWith(_original, StringComparison.OrdinalIgnoreCase) || name.StartsWith(_tenant, StringComparison.OrdinalIgnoreCase)));
}
