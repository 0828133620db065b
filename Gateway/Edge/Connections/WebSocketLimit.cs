using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Gateway.Edge.Connections;

/// <summary>
/// Bounds the WebSockets that are open at once. The server's own limit counts those of HTTP/1.1 alone, and tells a client of it only after a service has said yes;
/// those of HTTP/2 are requests to it like any other (RFC 8441).
/// </summary>
internal sealed class WebSocketLimit(IOptions<ConnectionLimits> limits)
{
    private static readonly TimeSpan _pause = TimeSpan.FromSeconds(30);

    private readonly int _most = limits.Value.WebSockets;
    private int _open;

    public Task PassAsync(HttpContext context, RequestDelegate next) =>
        context.Features.Get<IHttpUpgradeFeature>()?.IsUpgradableRequest == true || context.Features.Get<IHttpExtendedConnectFeature>()?.IsExtendedConnect == true
            ? CountAsync(context, next)
            : next(context);

    private async Task CountAsync(HttpContext context, RequestDelegate next)
    {
        try
        {
            if (Interlocked.Increment(ref _open) <= _most)
                await next(context);
            else
                await Api.Problem(StatusCodes.Status503ServiceUnavailable, "TOO_MANY_CONNECTIONS", "No more live connections can be opened at the moment.").RetryAfter(_pause).ExecuteAsync(context);
        }
        finally
        {
            Interlocked.Decrement(ref _open);
        }
    }
}
