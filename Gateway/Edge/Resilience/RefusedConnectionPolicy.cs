using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.Model;

namespace TalentSphere.Gateway.Edge.Resilience;

/// <summary>Takes a replica out at the first connection that it refuses. It is back as soon as it is ready (<see cref="UpstreamProbes"/>), or after the cluster's reactivation period.</summary>
internal sealed class RefusedConnectionPolicy(IDestinationHealthUpdater health, UpstreamTrouble trouble) : IPassiveHealthCheckPolicy
{
    public const string PolicyName = "RefusedConnection";

    private static readonly TimeSpan _reactivationPeriod = TimeSpan.FromSeconds(30);

    public string Name => PolicyName;

    public void RequestProxied(HttpContext context, ClusterState cluster, DestinationState destination)
    {
        if (context.Features.Get<IForwarderErrorFeature>() is not { } failure || UpstreamVerdict.Of(context, failure) != UpstreamOutcome.Away)
            return;
        health.SetPassive(cluster, destination, DestinationHealth.Unhealthy, cluster.Model.Config.HealthCheck?.Passive?.ReactivationPeriod ?? _reactivationPeriod);
        trouble.Report();
    }
}
