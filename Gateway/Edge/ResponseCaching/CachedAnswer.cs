using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;
using TalentSphere.Gateway.Edge.Exchanges;
using CacheControlHeaderValue = System.Net.Http.Headers.CacheControlHeaderValue;

namespace TalentSphere.Gateway.Edge.ResponseCaching;

/// <summary>A public answer, as it was given: 200, its own headers and its whole body.</summary>
internal sealed class CachedAnswer
{
    private const int _overhead = 512;

    private readonly (string Name, StringValues Value)[] _headers;
    private readonly (string Name, string Value)[] _selecting;
    private readonly byte[] _body;
    private readonly TimeSpan _fresh;
    private readonly TimeSpan _stale;
    private readonly Generations _generations;
    private long _refreshAt;

    private CachedAnswer(HttpContext context, ReadOnlySpan<byte> body, Directives directives, Generations generations, DateTimeOffset now)
    {
        var (request, response) = (context.Request, context.Response);
        _headers = [.. DescriptiveHeaders.Names.Where(response.Headers.ContainsKey).Select(name => (name, response.Headers[name]))];
        _selecting = [.. response.Headers.GetCommaSeparatedValues(HeaderNames.Vary).Select(name => (name, request.Headers[name].ToString()))];
        _body = body.ToArray();
        (_fresh, _stale) = (directives.Fresh, directives.Stale);
        _generations = generations;
        // What another cache on the way has aged already counts.
        StoredAt = response.Headers.Age is [{ } age] && int.TryParse(age, out var seconds) && seconds > 0 ? now.AddSeconds(-seconds) : now;
        EntityTag = response.Headers.ETag.ToString();
        Size = _overhead + _body.Length + ((_headers.Sum(h => h.Name.Length + h.Value.ToString().Length) + _selecting.Sum(h => h.Name.Length + h.Value.Length)) * sizeof(char));
    }

    public DateTimeOffset StoredAt { get; }

    public string EntityTag { get; }

    /// <summary>Bytes, about.</summary>
    public long Size { get; }

    public TimeSpan Lifetime => _fresh + _stale;

    /// <summary>Not purged.</summary>
    public bool IsAlive => _generations.AreCurrent;

    /// <summary>Whether the answer says of itself that anybody may have it, and for how long.</summary>
    public static bool IsPublic(HttpContext context) => Directives.Read(context) is not null;

    /// <summary>The answer to keep; null when it is not public (RFC 9111 §3).</summary>
    public static CachedAnswer? Of(HttpContext context, ReadOnlySpan<byte> body, Generations generations, DateTimeOffset now) =>
        Directives.Read(context) is { } directives && (context.Response.ContentLength ?? body.Length) == body.Length
            ? new(context, body, directives, generations, now) : null;

    /// <summary>What the answer varies by is the same in this request (RFC 9111 §4.1).</summary>
    public bool IsFor(HttpRequest request)
    {
        foreach (var (name, value) in _selecting)
        {
            if (request.Headers[name].ToString() != value)
                return false;
        }
        return true;
    }

    public bool IsFresh(DateTimeOffset now, TimeSpan? atMost) => now - StoredAt < (atMost < _fresh ? atMost : _fresh);

    public bool MayBeServedStale(DateTimeOffset now) => now - StoredAt < _fresh + _stale;

    /// <summary>True for one caller: the one that has to ask upstream again. The next one not before <paramref name="pause"/> is over.</summary>
    public bool TakeRefresh(DateTimeOffset now, TimeSpan pause)
    {
        var at = Volatile.Read(ref _refreshAt);
        return now.Ticks >= at && Interlocked.CompareExchange(ref _refreshAt, (now + pause).Ticks, at) == at;
    }

    /// <summary>Answers with it: 304 when the client has it.</summary>
    public Task ServeAsync(HttpContext context, DateTimeOffset now, StringValues condition)
    {
        var (request, response) = (context.Request, context.Response);
        foreach (var (name, value) in _headers)
            response.Headers[name] = value;
        // Without one it is first-hand.
        if (now != StoredAt)
            response.Headers.Age = Math.Max(0, (long)(now - StoredAt).TotalSeconds).ToString();
        if (EntityTag.Length > 0 && condition.Count > 0 && ServiceDefaults.Http.EntityTag.Matches(condition, EntityTag))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            response.Headers.Remove(HeaderNames.ContentType);
            response.Headers.Remove(HeaderNames.ContentLength);
            return Task.CompletedTask;
        }
        response.StatusCode = StatusCodes.Status200OK;
        response.ContentLength = _body.Length;
        return HttpMethods.IsHead(request.Method) ? Task.CompletedTask : response.Body.WriteAsync(_body, context.RequestAborted).AsTask();
    }

    /// <param name="Fresh">How long it may be served as it is.</param>
    /// <param name="Stale">How much longer while it is asked for again (RFC 5861 §3).</param>
    private sealed record Directives(TimeSpan Fresh, TimeSpan Stale)
    {
        public static Directives? Read(HttpContext context)
        {
            var headers = context.Response.Headers;
            if (context.Response.StatusCode != StatusCodes.Status200OK || headers.SetCookie.Count > 0 || headers.ContainsKey(HeaderNames.ContentRange)
                || !CacheControlHeaderValue.TryParse(headers.CacheControl.ToString(), out var control)
                || control is not { Public: true, Private: false, NoStore: false, NoCache: false }
                || (control.SharedMaxAge ?? control.MaxAge) is not { } fresh || fresh <= TimeSpan.Zero)
                return null;
            foreach (var name in headers.GetCommaSeparatedValues(HeaderNames.Vary))
            {
                // One that varies by who asks is kept for nobody in particular, and for nobody else.
                if (name == "*" || (IsCredential(name) && context.Request.Headers.ContainsKey(name)))
                    return null;
            }
            return new(fresh, control.MustRevalidate || control.ProxyRevalidate ? TimeSpan.Zero : StaleWhileRevalidate(control));
        }

        private static bool IsCredential(string name) =>
            name.Equals(HeaderNames.Authorization, StringComparison.OrdinalIgnoreCase) || name.Equals(HeaderNames.Cookie, StringComparison.OrdinalIgnoreCase);

        private static TimeSpan StaleWhileRevalidate(CacheControlHeaderValue control)
        {
            foreach (var extension in control.Extensions)
            {
                if (extension.Name.Equals("stale-while-revalidate", StringComparison.OrdinalIgnoreCase) && int.TryParse(extension.Value, out var seconds) && seconds > 0)
                    return TimeSpan.FromSeconds(seconds);
            }
            return TimeSpan.Zero;
        }
    }
}
