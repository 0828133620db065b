using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace TalentSphere.ServiceDefaults.Http;

/// <summary>
/// One line for each request: method, path, status, milliseconds. Never the query string, which may carry a hub's token.
/// </summary>
internal sealed partial class AccessLogMiddleware(RequestDelegate next, ILogger<AccessLogMiddleware> logger)
{
    public async Task InvokeAsync(HttpContext context)
    {
        var started = Stopwatch.GetTimestamp();
        try
        {
            await next(context);
        }
        finally
        {
            if (context.GetEndpoint()?.Metadata.GetMetadata<QuietRouteMetadata>() is null)
            {
                Answered(
                    logger, context.Request.Method, context.Request.Path.Value ?? "/", context.Response.StatusCode,
                    Math.Round(Stopwatch.GetElapsedTime(started).TotalMilliseconds, 1));
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Method} {Path} {Status} {Milliseconds} ms")]
    private static partial void Answered(ILogger logger, string method, string path, int status, double milliseconds);
}

/// <summary>Marks routes that are asked all the time by machines (probes, metrics) and are not worth a log line each.</summary>
internal sealed class QuietRouteMetadata;

/// <summary>What is asked every few seconds by machines would bury what people ask.</summary>
public static class QuietRoutes
{
    /// <summary>Keeps a route's requests out of the access log; metrics still count them.</summary>
    public static TBuilder WithoutAccessLog<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder
    {
        builder.Add(endpoint => endpoint.Metadata.Add(new QuietRouteMetadata()));
        return builder;
    }
}
