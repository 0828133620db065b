using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;

namespace TalentSphere.ServiceDefaults.Telemetry;

/// <summary>
/// Names the server span by its route and tags it as the OpenTelemetry HTTP conventions ask; the instrumentation package that
/// usually does this is not needed for six lines.
/// </summary>
internal sealed class ServerSpanMiddleware(RequestDelegate next)
{
    public async Task InvokeAsync(HttpContext context)
    {
        var activity = context.Features.Get<IHttpActivityFeature>()?.Activity;
        try
        {
            await next(context);
        }
        finally
        {
            if (activity is { IsAllDataRequested: true })
            {
                var route = context.GetEndpoint() is RouteEndpoint endpoint ? TemplateOf(endpoint.RoutePattern) : null;
                activity.DisplayName = route is null ? context.Request.Method : $"{context.Request.Method} {route}";
                activity.SetTag("http.request.method", context.Request.Method);
                activity.SetTag("http.route", route);
                activity.SetTag("url.path", context.Request.Path.Value);
                activity.SetTag("url.scheme", context.Request.Scheme);
                activity.SetTag("http.response.status_code", context.Response.StatusCode);
                // Never the query: a hub's token may be in it.
                activity.SetTag("url.query", null);
                if (context.Response.StatusCode >= 500)
                    activity.SetStatus(ActivityStatusCode.Error);
            }
        }
    }

    /// <summary>The route without the constraints of its parameters.</summary>
    private static string TemplateOf(RoutePattern pattern) => "/" + string.Join('/', pattern.PathSegments.Select(segment => string.Concat(segment.Parts.Select(part => part switch
    {
        RoutePatternLiteralPart literal => literal.Content,
        RoutePatternSeparatorPart separator => separator.Content,
        RoutePatternParameterPart { IsCatchAll: true } rest => $"{{**{rest.Name}}}",
        RoutePatternParameterPart parameter => $"{{{parameter.Name}}}",
        _ => "",
    }))));
}
