using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;
using TalentSphere.Gateway.Edge.Exchanges;
using TalentSphere.ServiceDefaults.Caching;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Gateway.Edge.ResponseCaching;

/// <summary>
/// A shared cache (RFC 9111) of what services call public, in front of the routes that have a <see cref="CachePolicy"/>. The token was checked before: what is
/// decided here is only who has to be asked. See docs/adr/0022.
/// </summary>
internal sealed class ResponseCacheMiddleware(
    RequestDelegate next, ResponseCache cache, CacheRefresh refresh, PurgeLink link, IOptions<ResponseCacheOptions> options, TimeProvider time)
{
    private const string _header = "X-Cache";
    private const string _name = "responses";

    // The second time somebody else may be asked by then; a third would keep the client waiting for nothing.
    private const int _flights = 2;

    private static readonly TimeSpan _refreshPause = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan _comeBack = TimeSpan.FromSeconds(2);

    public Task InvokeAsync(HttpContext context)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<CachePolicy>() is not { } policy)
            return next(context);
        var method = context.Request.Method;
        if (HttpMethods.IsGet(method) || HttpMethods.IsHead(method))
            return ReadAsync(context, policy);
        return !HttpMethods.IsOptions(method) && policy.IsAffectedBy(context.Request.Path.Value ?? "") ? WriteAsync(context, policy) : next(context);
    }

    /// <summary>Purges just before the writer hears that it is done: whoever asks after that must see it. A writer that hung up hears nothing, and may have written.</summary>
    private async Task WriteAsync(HttpContext context, CachePolicy policy)
    {
        var write = new Write(link, context, policy);
        context.Response.OnStarting(
            static state =>
            {
                ((Write)state).Purge();
                return Task.CompletedTask;
            }, write);
        try
        {
            await next(context);
        }
        finally
        {
            write.Purge();
        }
    }

    private async Task ReadAsync(HttpContext context, CachePolicy policy)
    {
        var wish = Wishes(context.Request);
        if (wish == Wish.Nothing || (wish == Wish.Newest && HttpMethods.IsHead(context.Request.Method)))
        {
            await AskAsync(context, CacheDecision.AskedNotTo);
            return;
        }
        var key = CacheKey.Of(context);
        if (wish == Wish.Newest)
        {
            await LeadAsync(context, key, policy, cache.Alone(policy));
            return;
        }
        var failed = false;
        for (var i = 0; i < _flights; i++)
        {
            var now = time.GetUtcNow();
            var answer = cache.Find(key, context.Request, out var uncacheable);
            if (answer?.IsFresh(now, link.IsHeard ? null : options.Value.UnheardFreshness) == true)
            {
                await ServeAsync(context, answer, now, CacheDecision.Fresh);
                return;
            }
            if (link.IsHeard && answer?.MayBeServedStale(now) == true)
            {
                if (answer.TakeRefresh(now, _refreshPause))
                    refresh.Begin(context, next, key, policy);
                await ServeAsync(context, answer, now, CacheDecision.Stale);
                return;
            }
            if (uncacheable || HttpMethods.IsHead(context.Request.Method))
            {
                await AskAsync(context, uncacheable ? CacheDecision.NotPublic : CacheDecision.NotKept);
                return;
            }
            var flight = cache.Join(key, policy, out var leads);
            if (leads)
            {
                await LeadAsync(context, key, policy, flight);
                return;
            }
            var landing = await flight.Landed.WaitAsync(context.RequestAborted);
            if (landing.Answer is { } shared && shared.IsFor(context.Request))
            {
                await ServeAsync(context, shared, time.GetUtcNow(), CacheDecision.Shared);
                return;
            }
            failed = landing.IsFailed;
            if (!failed && landing.Answer is null)
                break;
        }
        if (failed)
        {
            // As many again as wait here would not help an upstream that failed twice.
            CacheDecision.UpstreamFails.Note(context);
            await Api.Problem(StatusCodes.Status503ServiceUnavailable, "UPSTREAM_UNAVAILABLE", "The service fails at the moment; try again.").RetryAfter(_comeBack).ExecuteAsync(context);
            return;
        }
        await AskAsync(context, CacheDecision.NotPublic);
    }

    /// <summary>Asks upstream for this request alone.</summary>
    private Task AskAsync(HttpContext context, CacheDecision decision)
    {
        decision.Note(context);
        CacheMetrics.Miss(_name);
        context.Response.Headers[_header] = "MISS";
        return next(context);
    }

    /// <summary>Asks upstream, for all that wait. The condition is judged here, so that there is an answer for those who have none.</summary>
    private async Task LeadAsync(HttpContext context, CacheKey key, CachePolicy policy, Flight flight)
    {
        CacheDecision.NotKept.Note(context);
        CacheMetrics.Miss(_name);
        var condition = context.Request.Headers.IfNoneMatch;
        context.Request.Headers.Remove(HeaderNames.IfNoneMatch);
        // Services judge by tags, which are exact; an upstream that judges by the time as well must not answer "not modified" to everybody who waits.
        context.Request.Headers.Remove(HeaderNames.IfModifiedSince);
        context.Response.Headers[_header] = "MISS";
        var landing = Landing.Failed;
        try
        {
            await using var held = new HeldResponse(context, options.Value.MaxAnswer, (http, response) =>
            {
                if (CachedAnswer.IsPublic(http))
                    return true;
                // A refusal says something of this request only; it must not keep the others from being kept.
                if (http.Response.StatusCode < StatusCodes.Status400BadRequest)
                    cache.Mark(key, flight.Generations);
                // Those who wait are not to wait for how fast this client reads.
                landing = http.Response.StatusCode < StatusCodes.Status500InternalServerError ? Landing.Uncacheable : Landing.Failed;
                cache.Land(key, flight, landing);
                response.DropsBody = IsNotModified(http.Response, condition);
                return false;
            })
            {
                TooLong = () =>
                {
                    cache.Mark(key, flight.Generations);
                    cache.Land(key, flight, landing = Landing.Uncacheable);
                },
            };
            await held.RunAsync(next);
            if (held.IsPassed || held.IsBroken)
                return;
            var now = time.GetUtcNow();
            if (CachedAnswer.Of(context, held.Body.Span, flight.Generations, now) is not { } answer)
            {
                await held.SendAsync();
                return;
            }
            cache.Keep(key, answer, context.Request);
            cache.Land(key, flight, landing = new(answer));
            if (!context.RequestAborted.IsCancellationRequested)
                await answer.ServeAsync(context, now, condition);
        }
        finally
        {
            cache.Land(key, flight, landing);
        }
    }

    private static Task ServeAsync(HttpContext context, CachedAnswer answer, DateTimeOffset now, CacheDecision decision)
    {
        decision.Note(context);
        CacheMetrics.Hit(_name);
        context.Response.Headers[_header] = decision == CacheDecision.Stale ? "STALE" : "HIT";
        return answer.ServeAsync(context, now, context.Request.Headers.IfNoneMatch);
    }

    /// <summary>An answer that passes is asked for its tag too: upstream did not see the condition.</summary>
    private static bool IsNotModified(HttpResponse response, StringValues condition)
    {
        if (condition.Count == 0 || response.StatusCode != StatusCodes.Status200OK || response.Headers.ETag is not [{ } tag] || !EntityTag.Matches(condition, tag))
            return false;
        response.StatusCode = StatusCodes.Status304NotModified;
        response.Headers.Remove(HeaderNames.ContentLength);
        response.Headers.Remove(HeaderNames.ContentType);
        return true;
    }

    private static Wish Wishes(HttpRequest request)
    {
        var headers = request.Headers;
        // A body is no part of the address, and might still say what is answered.
        if (request.ContentLength > 0 || headers.TransferEncoding.Count > 0)
            return Wish.Nothing;
        if (headers.Range.Count > 0 || headers.IfMatch.Count > 0 || headers.IfUnmodifiedSince.Count > 0 || headers.IfRange.Count > 0 || headers.Upgrade.Count > 0)
            return Wish.Nothing;
        if (headers.CacheControl.Count == 0)
            return headers.Pragma.Count > 0 && headers.Pragma.ToString().Contains("no-cache", StringComparison.OrdinalIgnoreCase) ? Wish.Newest : Wish.Any;
        var control = headers.CacheControl.ToString();
        if (control.Contains("no-store", StringComparison.OrdinalIgnoreCase))
            return Wish.Nothing;
        return control.Contains("no-cache", StringComparison.OrdinalIgnoreCase) || control.Contains("max-age=0", StringComparison.OrdinalIgnoreCase) ? Wish.Newest : Wish.Any;
    }

    private enum Wish
    {
        Any,
        Newest,
        Nothing,
    }

    /// <summary>A write, until it is known what became of it.</summary>
    private sealed class Write(PurgeLink link, HttpContext context, CachePolicy policy)
    {
        private bool _isPurged;

        /// <summary>Once, unless the service refused the write. Of one that failed on the way, or whose writer hung up, it is not known whether it was done.</summary>
        public void Purge()
        {
            if (_isPurged || (context.Response.StatusCode is >= 400 and < 500 && !context.RequestAborted.IsCancellationRequested))
                return;
            _isPurged = true;
            link.Purge(policy.Tags);
        }
    }
}
