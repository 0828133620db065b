using System.Diagnostics;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Net.Http.Headers;

namespace TalentSphere.ServiceDefaults.Telemetry;

/// <summary>
/// Names the server span by its route and tags it as the OpenTelemetry HTTP conventions ask; the instrumentation package that
/// usually does this is not needed for six lines.
/// </summary>
internal sealed class ServerSpanMiddleware(RequestDelegate next)
{
    // By route: it is asked for with every request.
    private static readonly ConditionalWeakTable<RoutePattern, string> _templates = [];

    public Task InvokeAsync(HttpContext context)
    {
        if (context.Features.Get<IHttpActivityFeature>()?.Activity is { } activity)
            return activity.IsAllDataRequested ? DescribeAsync(context, activity) : next(context);
        var headers = context.Request.Headers;
        if (headers.TraceParent.Count == 0)
            return next(context);
        if (ActivityContext.TryParse(headers.TraceParent, headers.TraceState, isRemote: true, out var parent))
            return ContinueAsync(context, parent);
        // What is no trace is not passed on as one.
        headers.Remove(HeaderNames.TraceParent);
        headers.Remove(HeaderNames.TraceState);
        return next(context);
    }

    /// <summary>Where nobody collects spans there need not be one; a trace that the caller has begun goes on all the same.</summary>
    private async Task ContinueAsync(HttpContext context, ActivityContext parent)
    {
        using var activity = new Activity("HttpRequestIn").SetParentId(parent.TraceId, parent.SpanId, parent.TraceFlags);
        activity.TraceStateString = parent.TraceState;
        activity.Start();
        await next(context);
    }

    private async Task DescribeAsync(HttpContext context, Activity activity)
    {
        try
        {
            await next(context);
        }
        finally
        {
            var route = context.GetEndpoint() is RouteEndpoint endpoint ? _templates.GetValue(endpoint.RoutePattern, TemplateOf) : null;
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
