using System.Text;
using Microsoft.Extensions.Options;
using Yarp.ReverseProxy.Forwarder;

namespace TalentSphere.Gateway.Edge.Resilience;

/// <summary>Connections to services that are given up in time, notice new addresses, and take headers of a bounded size.</summary>
internal sealed class UpstreamHttpClientFactory(IOptions<UpstreamOptions> options, ILogger<ForwarderHttpClientFactory> logger) : ForwarderHttpClientFactory(logger)
{
    // An answer that nobody wants any more: up to here it is cheaper to read on than to connect again.
    private const int _drainedBytes = 64 * 1024;
    private static readonly TimeSpan _drainTime = TimeSpan.FromSeconds(1);

    protected override void ConfigureHandler(ForwarderHttpClientContext context, SocketsHttpHandler handler)
    {
        base.ConfigureHandler(context, handler);
        handler.RequestHeaderEncodingSelector = static (_, _) => Encoding.UTF8;
        var connections = options.Value.Connections;
        handler.ConnectTimeout = connections.ConnectTimeout;
        handler.PooledConnectionLifetime = connections.Lifetime;
        handler.PooledConnectionIdleTimeout = connections.IdleTimeout;
        handler.MaxResponseHeadersLength = connections.MaxResponseHeaders;
        handler.MaxResponseDrainSize = _drainedBytes;
        handler.ResponseDrainTimeout = _drainTime;
    }
}
