using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;

namespace TalentSphere.Gateway.Edge.Connections;

/// <summary>Puts <see cref="ConnectionLimits"/> into force.</summary>
internal static class ConnectionLimitsExtensions
{
    private const int _http2Table = 4096;
    private const int _http2Frame = 16 * 1024;

    private static readonly TimeSpan _ping = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan _pong = TimeSpan.FromSeconds(20);

    public static void AddConnectionLimits(this IServiceCollection services)
    {
        services.AddOptions<ConnectionLimits>().BindConfiguration(ConnectionLimits.Section).ValidateDataAnnotations().ValidateOnStart();
        // After the platform's own, which knows only the size of a body.
        services.AddOptions<KestrelServerOptions>().PostConfigure<IOptions<ConnectionLimits>>((kestrel, options) => Apply(kestrel, options.Value));
        services.AddSingleton<WebSocketLimit>();
        services.AddSingleton<BodyCollection>();
    }

    private static void Apply(KestrelServerOptions kestrel, ConnectionLimits options)
    {
        var pace = new MinDataRate(options.BytesPerSecond, options.Grace);
        var limits = kestrel.Limits;
        limits.MaxRequestLineSize = options.RequestLineBytes;
        limits.MaxRequestHeadersTotalSize = options.HeaderBytes;
        limits.MaxRequestHeaderCount = options.HeaderCount;
        limits.MaxRequestBodySize = options.BodyBytes;
        // What one connection can make the gateway hold: never less than what is collected of a body, nor than a request line or the headers.
        limits.MaxRequestBufferSize = Math.Max(2 * options.CollectedBodyBytes, Math.Max(options.HeaderBytes, options.RequestLineBytes));
        limits.RequestHeadersTimeout = options.HeaderTimeout;
        limits.KeepAliveTimeout = options.KeepAliveTimeout;
        limits.MinRequestBodyDataRate = pace;
        limits.MinResponseDataRate = pace;
        limits.MaxConcurrentConnections = options.Count;
        limits.MaxConcurrentUpgradedConnections = options.WebSockets;
        limits.Http2.MaxStreamsPerConnection = options.StreamsPerConnection;
        limits.Http2.MaxRequestHeaderFieldSize = options.HeaderBytes;
        limits.Http2.HeaderTableSize = _http2Table;
        limits.Http2.MaxFrameSize = _http2Frame;
        limits.Http2.KeepAlivePingDelay = _ping;
        limits.Http2.KeepAlivePingTimeout = _pong;
        // What a service says in a header goes out as the bytes that came in, whatever they are.
        kestrel.ResponseHeaderEncodingSelector = static _ => System.Text.Encoding.Latin1;
    }
}
