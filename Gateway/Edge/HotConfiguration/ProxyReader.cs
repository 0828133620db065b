using TalentSphere.ServiceDefaults.Http;
using Yarp.ReverseProxy.Configuration;

namespace TalentSphere.Gateway.Edge.HotConfiguration;

/// <summary>Reads routes and clusters as YARP will, without giving them to the proxy.</summary>
internal static class ProxyReader
{
    /// <summary>The routes and clusters of a configuration, and what cannot be read of it, entry by entry.</summary>
    public static (IReadOnlyList<RouteConfig> Routes, IReadOnlyList<ClusterConfig> Clusters) Read(IConfiguration merged, List<FailureDetail> faults)
    {
        var section = merged.GetSection("ReverseProxy");
        try
        {
            return ReadAll(section);
        }
        catch (Exception e) when (e is FormatException or ArgumentException or InvalidOperationException or OverflowException)
        {
            // The reader stops at the first: each entry on its own, so that all are named.
            var routes = new List<RouteConfig>();
            var clusters = new List<ClusterConfig>();
            foreach (var (kind, entry) in (IEnumerable<(string, IConfigurationSection)>)
                [.. section.GetSection("Routes").GetChildren().Select(c => ("Routes", c)), .. section.GetSection("Clusters").GetChildren().Select(c => ("Clusters", c))])
            {
                try
                {
                    var (itsRoutes, itsClusters) = ReadAll(Alone(kind, entry));
                    routes.AddRange(itsRoutes);
                    clusters.AddRange(itsClusters);
                }
                catch (Exception fault) when (fault is FormatException or ArgumentException or InvalidOperationException or OverflowException)
                {
                    faults.Add(new(entry.Path, "cannot be read: " + fault.Message));
                }
            }
            return (routes, clusters);
        }
    }

    private static (IReadOnlyList<RouteConfig> Routes, IReadOnlyList<ClusterConfig> Clusters) ReadAll(IConfiguration section)
    {
        // YARP's reader is internal; this is the way to it that is public.
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddReverseProxy().LoadFromConfig(section);
        using var provider = services.BuildServiceProvider();
        var config = provider.GetRequiredService<IProxyConfigProvider>().GetConfig();
        return (config.Routes, config.Clusters);
    }

    private static IConfigurationRoot Alone(string kind, IConfigurationSection entry) => new ConfigurationBuilder()
        .AddInMemoryCollection(entry.AsEnumerable(makePathsRelative: true).Where(v => v.Key.Length > 0)
            .Select(v => KeyValuePair.Create($"{kind}:{entry.Key}:{v.Key}", v.Value)))
        .Build();
}
