using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Primitives;
using IPNetwork = System.Net.IPNetwork;

namespace TalentSphere.Gateway.Edge;

/// <summary>
/// <c>/metrics</c> stands on the port that the outside reaches, and is for the inside: it is there for a peer on the loopback or in a private network that asks
/// by itself and on nobody's behalf. For everybody else there is no such page.
/// </summary>
internal sealed class MetricsInside(RequestDelegate next)
{
    private const string _metrics = "/metrics";

    // RFC 1918, RFC 6598, RFC 3927, RFC 4193, RFC 4291 §2.5.6.
    private static readonly IPNetwork[] _private =
    [
        IPNetwork.Parse("10.0.0.0/8"), IPNetwork.Parse("172.16.0.0/12"), IPNetwork.Parse("192.168.0.0/16"), IPNetwork.Parse("100.64.0.0/10"),
        IPNetwork.Parse("169.254.0.0/16"), IPNetwork.Parse("fc00::/7"), IPNetwork.Parse("fe80::/10"),
    ];

    public Task InvokeAsync(HttpContext context)
    {
        if (!context.Request.Path.StartsWithSegments(_metrics) || (IsInside(context.Connection.RemoteIpAddress) && !IsOnBehalf(context.Request.Headers)))
            return next(context);
        // Without a body: the platform's page for a status writes one.
        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }

    internal static bool IsInside(IPAddress? peer)
    {
        if (peer is null || IPAddress.IsLoopback(peer))
            return peer is not null;
        if (peer.AddressFamily == AddressFamily.InterNetworkV6 && peer.IsIPv4MappedToIPv6)
            peer = peer.MapToIPv4();
        return Array.Exists(_private, network => network.Contains(peer));
    }

    /// <summary>A proxy says for whom it asks; one that is trusted was believed already and leaves what it said under another name.</summary>
    private static bool IsOnBehalf(IHeaderDictionary headers) =>
        !StringValues.IsNullOrEmpty(headers["X-Forwarded-For"]) || !StringValues.IsNullOrEmpty(headers["Forwarded"]) || !StringValues.IsNullOrEmpty(headers["X-Original-For"]);
}
