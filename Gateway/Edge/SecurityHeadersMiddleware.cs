using TalentSphere.Gateway.Edge.Versioning;

namespace TalentSphere.Gateway.Edge;

/// <summary>
/// The headers that every answer carries, errors included (OWASP Secure Headers), and <c>API-Version</c>. An API page may do nothing
/// at all in a browser; only the documentation page runs its own scripts.
/// </summary>
internal sealed class SecurityHeadersMiddleware(RequestDelegate next)
{
    private const string _apiPolicy = "default-src 'none'; frame-ancestors 'none'";
    private const string _docsPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'";

    public Task InvokeAsync(HttpContext context)
    {
        context.Response.OnStarting(static state =>
        {
            var http = (HttpContext)state;
            var headers = http.Response.Headers;
            headers.ContentSecurityPolicy = http.Request.Path.StartsWithSegments(ApiDocs.Path) ? _docsPolicy : _apiPolicy;
            headers.XContentTypeOptions = "nosniff";
            headers.XFrameOptions = "DENY";
            headers["Referrer-Policy"] = "no-referrer";
            headers["API-Version"] = ApiVersions.AnsweringOf(http);
            headers.Remove("Server");
            headers.Remove("X-Powered-By");
            if (http.Request.IsHttps)
                headers.StrictTransportSecurity = "max-age=31536000; includeSubDomains";
            return Task.CompletedTask;
        }, context);
        return next(context);
    }
}
