using Microsoft.Extensions.Primitives;
using TalentSphere.Gateway.Edge.Versioning;

namespace TalentSphere.Gateway.Edge;

/// <summary>
/// The headers that every answer carries, errors included (OWASP Secure Headers), and <c>API-Version</c>. An API page may do nothing
/// at all in a browser; only the documentation page runs its own scripts.
/// </summary>
/// <remarks>
/// Set at the last moment, so that they hold whatever a service, a cache or a failure has written or cleared before. Registered first, this runs last. The
/// callback is static and its state the context itself: nothing is allocated for it.
/// </remarks>
internal sealed class SecurityHeadersMiddleware(RequestDelegate next)
{
    private static readonly StringValues _apiPolicy = "default-src 'none'; frame-ancestors 'none'";
    private static readonly StringValues _docsPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'";
    private static readonly StringValues _noSniff = "nosniff";
    private static readonly StringValues _noFrame = "DENY";
    private static readonly StringValues _noReferrer = "no-referrer";
    private static readonly StringValues _sameOrigin = "same-origin";
    private static readonly StringValues _noFeatures = "camera=(), geolocation=(), microphone=(), payment=(), usb=()";
    private static readonly StringValues _overTls = "max-age=31536000; includeSubDomains";
    private static readonly StringValues _overTlsHere = "max-age=60";
    private static readonly StringValues _origin = "Origin";

    private static readonly Func<object, Task> _set = static state =>
    {
        Set((HttpContext)state);
        return Task.CompletedTask;
    };

    public Task InvokeAsync(HttpContext context)
    {
        context.Response.OnStarting(_set, context);
        return next(context);
    }

    private static void Set(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = context.Request.Path.StartsWithSegments(ApiDocs.Path) ? _docsPolicy : _apiPolicy;
        headers.XContentTypeOptions = _noSniff;
        headers.XFrameOptions = _noFrame;
        headers["Referrer-Policy"] = _noReferrer;
        headers["Permissions-Policy"] = _noFeatures;
        // For requests without CORS, such as an <img>; those with it are asked by origin.
        headers["Cross-Origin-Resource-Policy"] = _sameOrigin;
        headers["Cross-Origin-Opener-Policy"] = _sameOrigin;
        headers["API-Version"] = ApiVersions.AnsweringOf(context);
        headers.Remove("Server");
        headers.Remove("X-Powered-By");
        if (context.Request.IsHttps)
            headers.StrictTransportSecurity = IsThisMachine(context.Request.Host.Host) ? _overTlsHere : _overTls;
        else
            headers.Remove("Strict-Transport-Security");
        VaryByOrigin(headers);
    }

    /// <summary>The word of one program on a developer's machine holds for all of its ports, and for all that is served there without TLS.</summary>
    private static bool IsThisMachine(string host) => host.Equals("localhost", StringComparison.OrdinalIgnoreCase);

    /// <summary>Also where no origin was named: a shared cache must not give that answer, without its permission, to a page (Fetch, CORS protocol and HTTP caches).</summary>
    private static void VaryByOrigin(IHeaderDictionary headers)
    {
        var vary = headers.Vary;
        if (vary.Count == 0)
        {
            headers.Vary = _origin;
            return;
        }
        foreach (var value in vary)
        {
            if (value is not null && (value.Contains("Origin", StringComparison.OrdinalIgnoreCase) || value == "*"))
                return;
        }
        headers.Vary = StringValues.Concat(vary, _origin);
    }
}
