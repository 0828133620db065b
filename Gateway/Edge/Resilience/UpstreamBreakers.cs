using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Options;
using Yarp.ReverseProxy.Configuration;

namespace TalentSphere.Gateway.Edge.Resilience;

/// <summary>The breakers of all services; clusters of one service share one.</summary>
internal sealed class UpstreamBreakers : IDisposable
{
    /// <summary>The metadata of a cluster that names its service, where that is not its own id.</summary>
    public const string ServiceKey = "Service";

    private readonly ConcurrentDictionary<string, UpstreamBreaker> _breakers = new(StringComparer.OrdinalIgnoreCase);
    private readonly Meter _meter = new("TalentSphere.Gateway");
    private readonly Func<string, UpstreamBreaker> _make;

    public UpstreamBreakers(IOptions<UpstreamOptions> options, TimeProvider time, UpstreamTrouble trouble, ILogger<UpstreamBreaker> logger)
    {
        _make = service => new(service, options.Value.Breaker, time, logger, trouble.Report);
        _meter.CreateObservableGauge("gateway_breaker_state", States, description: "0 closed, 1 half-open, 2 open");
    }

    /// <summary>Those in use so far.</summary>
    public IEnumerable<UpstreamBreaker> All => _breakers.Values;

    public UpstreamBreaker Of(string service) => _breakers.GetOrAdd(service, _make);

    public UpstreamBreaker Of(ClusterConfig cluster) => Of(ServiceOf(cluster));

    public static string ServiceOf(ClusterConfig cluster) => cluster.Metadata?.GetValueOrDefault(ServiceKey) ?? cluster.ClusterId;

    public void Dispose() => _meter.Dispose();

    private IEnumerable<Measurement<int>> States() =>
        _breakers.Values.Select(b => new Measurement<int>((int)b.State, new KeyValuePair<string, object?>("service", b.Service)));
}
