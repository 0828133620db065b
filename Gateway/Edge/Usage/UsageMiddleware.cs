using Microsoft.AspNetCore.Http.Features;
using TalentSphere.ServiceDefaults.Auth;
using TalentSphere.ServiceDefaults.Errors;
using Yarp.ReverseProxy.Model;

namespace TalentSphere.Gateway.Edge.Usage;

/// <summary>Counts each request of the API for its account, route and day; probes and pages are not counted.</summary>
internal sealed class UsageMiddleware(RequestDelegate next, UsageRecorder usage, TimeProvider time)
{
    private const string _own = "/api/v", _none = "none";

    public async Task InvokeAsync(HttpContext context)
    {
        if (RouteOf(context.GetEndpoint()) is not { } route)
        {
            await next(context);
            return;
        }
        var started = time.GetTimestamp();
        try
        {
            await next(context);
        }
        catch (Exception e)
        {
            Record(context, route, started, StatusOf(e, context));
            throw;
        }
        Record(context, route, started, context.Response.StatusCode);
    }

    private void Record(HttpContext context, string route, long started, int status)
    {
        // How long a socket stays open says nothing of how long an answer takes.
        var duration = status == StatusCodes.Status101SwitchingProtocols || context.Features.Get<IHttpExtendedConnectFeature>()?.IsExtendedConnect == true
            ? 0 : time.GetElapsedTime(started).TotalMilliseconds;
        var day = (int)(time.GetUtcNow().UtcTicks / TimeSpan.TicksPerDay);
        usage.Record(
            new(day, context.User.FindUserId() ?? Guid.Empty, route),
            new(1, status is >= 400 and < 500 ? 1 : 0, status >= 500 ? 1 : 0, duration, duration));
    }

    // What the failure middleware will make of it.
    private static int StatusOf(Exception exception, HttpContext context) => exception switch
    {
        BadHttpRequestException bad => bad.StatusCode,
        ApiException refused => refused.Problem.Status,
        OperationCanceledException when context.RequestAborted.IsCancellationRequested => StatusCodes.Status499ClientClosedRequest,
        _ => StatusCodes.Status500InternalServerError,
    };

    private static string? RouteOf(Endpoint? endpoint)
    {
        if (endpoint is null)
            return _none;
        if (endpoint.Metadata.GetMetadata<RouteModel>() is { } proxied)
            return proxied.Config.RouteId;
        // What routing itself answers, as a method that is not allowed, has no template.
        if (endpoint is not RouteEndpoint route)
            return _none;
        return route.RoutePattern.RawText is { } template && template.StartsWith(_own, StringComparison.Ordinal) ? template : null;
    }
}
