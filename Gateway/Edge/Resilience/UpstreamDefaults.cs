using System.Globalization;
using Microsoft.Extensions.Options;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;

namespace TalentSphere.Gateway.Edge.Resilience;

/// <summary>What every cluster and every route has unless it says otherwise, so that a new service is a route and a cluster with an address.</summary>
internal sealed class UpstreamDefaults(IOptions<UpstreamOptions> options) : IProxyConfigFilter
{
    /// <summary>The metadata of a route whose answers have no end.</summary>
    public const string StreamKey = "Stream";

    /// <summary>The metadata of a route with a limit of its own (<see cref="UpstreamOptions.TotalTimeout"/>).</summary>
    public const string TotalTimeoutKey = "TotalTimeout";

    public ValueTask<ClusterConfig> ConfigureClusterAsync(ClusterConfig cluster, CancellationToken cancel)
    {
        var request = cluster.HttpRequest ?? ForwarderRequestConfig.Empty;
        var passive = cluster.HealthCheck?.Passive ?? new PassiveHealthCheckConfig();
        return new(cluster with
        {
            HttpRequest = request with { ActivityTimeout = request.ActivityTimeout ?? options.Value.Timeout },
            HealthCheck = (cluster.HealthCheck ?? new HealthCheckConfig()) with
            {
                // With every replica out, one that may be back is better than none.
                AvailableDestinationsPolicy = cluster.HealthCheck?.AvailableDestinationsPolicy ?? "HealthyOrPanic",
                Passive = passive with { Enabled = passive.Enabled ?? true, Policy = passive.Policy ?? ReplicaHealthPolicy.PolicyName },
            },
        });
    }

    public ValueTask<RouteConfig> ConfigureRouteAsync(RouteConfig route, ClusterConfig? cluster, CancellationToken cancel)
    {
        _ = LimitOf(route, cluster, options.Value);
        return new(route);
    }

    /// <summary>How long a request to the route may take as a whole; null for a stream.</summary>
    /// <exception cref="FormatException">The route's metadata make no sense.</exception>
    public static TimeSpan? LimitOf(RouteConfig route, ClusterConfig? cluster, UpstreamOptions options)
    {
        if (route.Metadata?.GetValueOrDefault(StreamKey) is { } stream && bool.Parse(stream))
            return null;
        if (route.Metadata?.GetValueOrDefault(TotalTimeoutKey) is { } text)
        {
            return TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var limit) && limit > TimeSpan.Zero
                ? limit
                : throw new FormatException($"{TotalTimeoutKey} of {route.RouteId} is a time, and not '{text}'.");
        }
        var patience = cluster?.HttpRequest?.ActivityTimeout ?? options.Timeout;
        return patience < options.TotalTimeout ? options.TotalTimeout : patience + options.TotalTimeout;
    }
}
