using Microsoft.Extensions.Options;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;

namespace TalentSphere.Gateway.Edge.Resilience;

/// <summary>What every cluster and every route has unless it says otherwise, so that a new service is a route and a cluster with an address.</summary>
internal sealed class UpstreamDefaults(IOptions<UpstreamOptions> options) : IProxyConfigFilter
{
    /// <summary>The metadata of a route whose answers have no end.</summary>
    public const string StreamKey = "Stream";

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
                Passive = passive with { Enabled = passive.Enabled ?? true, Policy = passive.Policy ?? RefusedConnectionPolicy.PolicyName },
            },
        });
    }

    public ValueTask<RouteConfig> ConfigureRouteAsync(RouteConfig route, ClusterConfig? cluster, CancellationToken cancel)
    {
        if (route.Timeout is not null || route.TimeoutPolicy is not null || IsStream(route))
            return new(route);
        var patience = cluster?.HttpRequest?.ActivityTimeout ?? options.Value.Timeout;
        var total = options.Value.TotalTimeout;
        return new(route with { Timeout = patience < total ? total : patience + total });
    }

    private static bool IsStream(RouteConfig route) => route.Metadata?.GetValueOrDefault(StreamKey) is { } value && bool.Parse(value);
}
