using System.Collections.Concurrent;
using System.Security.Claims;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace TalentSphere.ServiceDefaults.Auth;

/// <summary>The token that a request was let in with.</summary>
/// <param name="User">What it says.</param>
/// <param name="KeyId">What it was signed with.</param>
/// <param name="ExpiresAt">UTC.</param>
internal sealed record AcceptedToken(ClaimsPrincipal User, string? KeyId, DateTime ExpiresAt);

/// <summary>
/// Requests that outlive the check of their token, WebSockets and server-sent events: each is cut off once a check would fail, whatever is at its other end. Asked
/// as often as revocations are read, so that the bound is the same as for a request.
/// </summary>
internal sealed class OpenStreams(Revocations revocations, TimeProvider time)
{
    private readonly ConcurrentDictionary<Stream, bool> _open = new();

    /// <summary>How many there are.</summary>
    public int Count => _open.Count;

    /// <summary>Lets a request pass, and watches it if it is one of those.</summary>
    public Task PassAsync(HttpContext context, RequestDelegate next) =>
        OutlivesItsCheck(context) && context.Features.Get<AcceptedToken>() is { } token ? WatchAsync(context, token, next) : next(context);

    private async Task WatchAsync(HttpContext context, AcceptedToken token, RequestDelegate next)
    {
        var stream = new Stream(context, token);
        _open[stream] = true;
        try
        {
            // What was learnt between the check and the line above.
            if (IsRefused(token, keys: null))
                context.Abort();
            else
                await next(context);
        }
        finally
        {
            _open.TryRemove(stream, out _);
            stream.Leave();
        }
    }

    /// <summary>Cuts off those whose token is revoked, expired, or signed with a key that was withdrawn.</summary>
    /// <param name="keys">The keys that are published; null when that is not known.</param>
    public void EndRefused(IReadOnlySet<string>? keys)
    {
        foreach (var stream in _open.Keys)
        {
            if (IsRefused(stream.Token, keys))
                stream.End();
        }
    }

    private bool IsRefused(AcceptedToken token, IReadOnlySet<string>? keys) =>
        revocations.Covers(token.User) || token.ExpiresAt <= time.GetUtcNow().UtcDateTime || (keys is not null && token.KeyId is { } key && !keys.Contains(key));

    private static bool OutlivesItsCheck(HttpContext context) =>
        context.Features.Get<IHttpUpgradeFeature>()?.IsUpgradableRequest == true || context.Features.Get<IHttpExtendedConnectFeature>()?.IsExtendedConnect == true
        || AcceptsEvents(context.Request);

    private static bool AcceptsEvents(HttpRequest request)
    {
        foreach (var accepted in request.Headers.Accept)
        {
            if (accepted?.Contains("text/event-stream", StringComparison.OrdinalIgnoreCase) == true)
                return true;
        }
        return false;
    }

    private sealed class Stream(HttpContext context, AcceptedToken token)
    {
        private readonly Lock _lock = new();
        private bool _left;

        public AcceptedToken Token => token;

        // The server uses a context again for the connection's next request: that one must not be hit.
        public void Leave()
        {
            lock (_lock)
                _left = true;
        }

        public void End()
        {
            lock (_lock)
            {
                if (!_left)
                    context.Abort();
            }
        }
    }
}
