using Yarp.ReverseProxy.LoadBalancing;

namespace TalentSphere.Gateway.Edge.Routing;

/// <summary>Which replica of a service a request goes to.</summary>
internal static class RoutingExtensions
{
    public static void AddStatefulRouting(this IServiceCollection services)
    {
        services.AddSingleton<ILoadBalancingPolicy, ConsistentHashPolicy>();
        services.AddSingleton<Yarp.ReverseProxy.Configuration.IProxyConfigFilter, RoutingRules>();
    }

    /// <summary>Reads what a route and its cluster say about it, once.</summary>
    public static ReverseProxyConventionBuilder WithStatefulRouting(this ReverseProxyConventionBuilder routes) => routes.ConfigureEndpoints((endpoint, route, cluster) =>
    {
        if (route.Metadata?.GetValueOrDefault(StickyKey.MetadataKey) is { } key)
            endpoint.WithMetadata(StickyKey.Parse(key));
        if (cluster is not null && CanaryShare.Of(cluster) is { } share)
            endpoint.WithMetadata(share);
    });
}
