using Yarp.ReverseProxy.Configuration;

namespace TalentSphere.Gateway.Edge.Routing;

/// <summary>Refuses a configuration whose metadata make no sense, before any of it is in force.</summary>
internal sealed class RoutingRules : IProxyConfigFilter
{
    public ValueTask<ClusterConfig> ConfigureClusterAsync(ClusterConfig cluster, CancellationToken cancel)
    {
        _ = CanaryShare.Of(cluster);
        return new(cluster);
    }

    public ValueTask<RouteConfig> ConfigureRouteAsync(RouteConfig route, ClusterConfig? cluster, CancellationToken cancel)
    {
        _ = StickyKey.Parse(route.Metadata?.GetValueOrDefault(StickyKey.MetadataKey));
        return new(route);
    }
}
