using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Options;
using Yarp.ReverseProxy.Configuration;

namespace TalentSphere.Gateway.Edge.Resilience;

/// <summary>The breakers of all services; clusters of one service share one.</summary>
internal sealed class UpstreamBreakers
{
    /// <summary>The metadata of a cluster that names its service, where that is not its own id.</summary>
    public const string ServiceKey = "Service";

    private readonly ConcurrentDictionary<string, UpstreamBreaker> _breakers = new(StringComparer.OrdinalIgnoreCase);
    private readonly Func<string, UpstreamBreaker> _make;

    public UpstreamBreakers(
        IOptions<UpstreamOptions> options, TimeProvider time, UpstreamTrouble trouble, UpstreamMetrics metrics, IMeterFactory meters, ILogger<UpstreamBreaker> logger)
    {
        _make = service => new(service, options.Value.Breaker, time, metrics, logger, trouble.Report);
        meters.Create("TalentSphere.Gateway").CreateObservableGauge("gateway_breaker_state", States, description: "0 closed, 1 half-open, 2 open");
    }

    /// <summary>Those in use so far.</summary>
    public IEnumerable<UpstreamBreaker> All => _breakers.Values;

    public UpstreamBreaker Of(string service) => _breakers.GetOrAdd(service, _make);

    public UpstreamBreaker Of(ClusterConfig cluster) => Of(ServiceOf(cluster));

    public static string ServiceOf(ClusterConfig cluster) => cluster.Metadata?.GetValueOrDefault(ServiceKey) ?? cluster.ClusterId;

    private IEnumerable<Measurement<int>> States() =>
        _breakers.Values.Select(b => new Measurement<int>((int)b.State, new KeyValuePair<string, object?>("service", b.Service)));
}
