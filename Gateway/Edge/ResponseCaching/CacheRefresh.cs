using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using TalentSphere.Gateway.Edge.Exchanges;
using TalentSphere.Gateway.Edge.Tenants;

namespace TalentSphere.Gateway.Edge.ResponseCaching;

/// <summary>Asks upstream again for what was just served stale (RFC 5861 §3), while nobody waits for it.</summary>
internal sealed partial class CacheRefresh(
    ResponseCache cache, IOptions<ResponseCacheOptions> options, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<CacheRefresh> logger)
{
    private static readonly string[] _notTaken =
        [HeaderNames.IfNoneMatch, HeaderNames.IfModifiedSince, HeaderNames.ContentLength, HeaderNames.ContentType, HeaderNames.TransferEncoding, HeaderNames.Host];

    /// <summary>Begins with a copy of <paramref name="context"/>, which may end before.</summary>
    /// <param name="context">The request that was served.</param>
    /// <param name="pipeline">What comes after the cache.</param>
    /// <param name="key">Its address.</param>
    /// <param name="policy">Its route's.</param>
    public void Begin(HttpContext context, RequestDelegate pipeline, CacheKey key, CachePolicy policy)
    {
        var exchange = new InProcessExchange(
            context, HttpMethods.Get, context.Request.Path, context.Request.QueryString, options.Value.MaxAnswer, lifetime.ApplicationStopping);
        var copy = exchange.Context;
        foreach (var (name, value) in context.Request.Headers)
        {
            if (!_notTaken.Contains(name, StringComparer.OrdinalIgnoreCase))
                copy.Request.Headers[name] = value;
        }
        copy.User = context.User;
        copy.Features.Set(context.Features.Get<TenantContext>());
        copy.SetEndpoint(context.GetEndpoint());
        copy.Request.RouteValues = new(context.Request.RouteValues);
        // Routing insists on seeing that authorization came by, and it did.
        foreach (var (item, value) in context.Items)
        {
            if (item is string marker && marker.StartsWith("__", StringComparison.Ordinal))
                copy.Items[item] = value;
        }
        var flight = cache.Alone(policy);
        _ = RunAsync(exchange, pipeline, key, flight);
    }

    private async Task RunAsync(InProcessExchange exchange, RequestDelegate pipeline, CacheKey key, Flight flight)
    {
        // The client that began this is answered first.
        await Task.Yield();
        try
        {
            await using (exchange)
            {
                await exchange.RunAsync(pipeline);
                if (exchange.IsBroken || exchange.Response.StatusCode >= StatusCodes.Status500InternalServerError)
                    return;
                if (CachedAnswer.Of(exchange.Context, exchange.Response.Content.Span, flight.Generations, time.GetUtcNow()) is { } answer)
                    cache.Keep(key, answer, exchange.Context.Request);
                else
                    cache.Forget(key);
            }
        }
        catch (Exception e)
        {
            // What is kept stays good until it is too old; somebody else tries again.
            NotRefreshed(logger, e, key.Path);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Path} could not be asked for again")]
    private static partial void NotRefreshed(ILogger logger, Exception exception, string path);
}
