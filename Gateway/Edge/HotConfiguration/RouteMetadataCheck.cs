using TalentSphere.Gateway.Edge.Limits;
using TalentSphere.Gateway.Edge.ResponseCaching;
using TalentSphere.Gateway.Edge.Versioning;
using TalentSphere.ServiceDefaults.Http;
using Yarp.ReverseProxy.Configuration;

namespace TalentSphere.Gateway.Edge.HotConfiguration;

/// <summary>What routes and clusters say in their metadata, read as the concerns read it that follow them: what one of them cannot read would be noticed only once it is in force.</summary>
internal sealed class RouteMetadataCheck(IEnumerable<IProxyConfigFilter> filters) : IEdgeConfigurationCheck
{
    public async ValueTask<IReadOnlyList<FailureDetail>> CheckAsync(IConfiguration merged, CancellationToken cancellationToken)
    {
        var faults = new List<FailureDetail>();
        // Entries that cannot be read at all are named by the check of the proxy.
        var (routes, clusters) = ProxyReader.Read(merged, []);
        var limits = merged.GetSection($"{LimitOptions.Section}:Policies").GetChildren().Select(p => p.Key).ToHashSet(StringComparer.Ordinal);
        foreach (var cluster in clusters)
        {
            foreach (var filter in filters)
                await TryAsync($"ReverseProxy:Clusters:{cluster.ClusterId}:Metadata", faults, async () => await filter.ConfigureClusterAsync(cluster, cancellationToken));
        }
        foreach (var route in routes)
        {
            var metadata = $"ReverseProxy:Routes:{route.RouteId}:Metadata";
            var cluster = clusters.FirstOrDefault(c => string.Equals(c.ClusterId, route.ClusterId, StringComparison.OrdinalIgnoreCase));
            foreach (var filter in filters)
                await TryAsync(metadata, faults, async () => await filter.ConfigureRouteAsync(route, cluster, cancellationToken));
            await TryAsync(metadata, faults, () => Task.FromResult(VersionLifecycle.Read(route)));
            await TryAsync(metadata, faults, () => Task.FromResult(CachePolicy.Read(route, new CacheTags())));
            if (route.Metadata?.GetValueOrDefault(RouteLimit.MetadataKey) is { } limit && !limits.Contains(limit))
                faults.Add(new($"{metadata}:{RouteLimit.MetadataKey}", $"names no limit of {LimitOptions.Section}:Policies: {limit}"));
        }
        return faults;
    }

    private static async Task TryAsync(string field, List<FailureDetail> faults, Func<Task> read)
    {
        try
        {
            await read();
        }
        catch (Exception e) when (e is FormatException or InvalidOperationException or ArgumentException)
        {
            faults.Add(new(field, e.Message));
        }
    }
}
