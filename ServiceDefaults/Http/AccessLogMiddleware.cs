using System.Collections;
using System.Diagnostics;
using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace TalentSphere.ServiceDefaults.Http;

/// <summary>
/// One line for each request: method, path, status, milliseconds. Never the query string, which may carry a hub's token.
/// </summary>
internal sealed class AccessLogMiddleware(RequestDelegate next, ILogger<AccessLogMiddleware> logger)
{
    private static readonly EventId _answered = new(1, "Answered");

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
                var entry = new AccessLogEntry(
                    context.Request.Method, context.Request.Path.Value ?? "/", context.Response.StatusCode,
                    Math.Round(Stopwatch.GetElapsedTime(started).TotalMilliseconds, 1));
                logger.Log(LogLevel.Information, _answered, entry, null, static (e, _) => e.ToString());
            }
        }
    }
}

/// <summary>What is logged of a request; collectors read it value by value. It is made for every one, and so by hand.</summary>
internal readonly record struct AccessLogEntry(string Method, string Path, int Status, double Milliseconds) : IReadOnlyList<KeyValuePair<string, object?>>
{
    public int Count => 5;

    public KeyValuePair<string, object?> this[int index] => index switch
    {
        0 => new(nameof(Method), Method),
        1 => new(nameof(Path), Path),
        2 => new(nameof(Status), Status),
        3 => new(nameof(Milliseconds), Milliseconds),
        4 => new("{OriginalFormat}", "{Method} {Path} {Status} {Milliseconds} ms"),
        _ => throw new ArgumentOutOfRangeException(nameof(index)),
    };

    public IEnumerator<KeyValuePair<string, object?>> GetEnumerator()
    {
        for (var i = 0; i < Count; i++)
            yield return this[i];
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Method} {Path} {Status} {Milliseconds} ms");
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
