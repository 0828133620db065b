using Microsoft.Extensions.Options;
using Yarp.ReverseProxy;
using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.Model;

namespace TalentSphere.Gateway.Edge.Resilience;

/// <summary>
/// Asks what is in trouble whether it is ready, until it is: a replica that was taken out is taken back, and a service that was away has its breaker closed.
/// </summary>
internal sealed class UpstreamProbes(
    UpstreamTrouble trouble, UpstreamBreakers breakers, IProxyStateLookup proxy, IDestinationHealthUpdater health, ReplicaHealthPolicy replicas, UpstreamReadiness readiness,
    IOptions<UpstreamOptions> options, TimeProvider time) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            await trouble.WaitAsync(stoppingToken);
            while (await ProbeAsync(stoppingToken))
                await Task.Delay(options.Value.Probe.Interval, time, stoppingToken);
        }
    }

    /// <summary>Asks once.</summary>
    /// <returns>False when nothing is in trouble.</returns>
    private async Task<bool> ProbeAsync(CancellationToken cancellationToken)
    {
        List<(ClusterState Cluster, DestinationState Destination, bool Out, UpstreamBreaker? Open)> asked = [];
        foreach (var cluster in proxy.GetClusters())
        {
            var breaker = breakers.Of(cluster.Model.Config);
            foreach (var destination in cluster.Destinations.Values)
            {
                var isOut = destination.Health.Passive == DestinationHealth.Unhealthy && !replicas.IsFailing(destination);
                if (isOut || !breaker.IsClosed)
                    asked.Add((cluster, destination, isOut, breaker.IsClosed ? null : breaker));
            }
        }
        if (asked.Count == 0)
            return false;

        var addresses = asked.Select(a => a.Destination.Model.Config.Address).Distinct(StringComparer.Ordinal).ToList();
        var answers = await Task.WhenAll(addresses.Select(a => readiness.IsReadyAsync(a, cancellationToken)));
        var ready = addresses.Zip(answers).Where(a => a.Second).Select(a => a.First).ToHashSet(StringComparer.Ordinal);

        foreach (var (cluster, destination, _, _) in asked.Where(a => a.Out && ready.Contains(a.Destination.Model.Config.Address)))
            health.SetPassive(cluster, destination, DestinationHealth.Unknown, TimeSpan.Zero);
        foreach (var service in asked.Where(a => a.Open is not null).GroupBy(a => a.Open!))
            await service.Key.ProbedAsync(service.Any(a => ready.Contains(a.Destination.Model.Config.Address)));
        return true;
    }
}
