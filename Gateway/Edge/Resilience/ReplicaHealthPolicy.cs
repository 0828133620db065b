using System.Runtime.CompilerServices;
using Microsoft.Extensions.Options;
using TalentSphere.Gateway.Edge.Routing;
using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.Model;

namespace TalentSphere.Gateway.Edge.Resilience;

/// <summary>
/// Takes a replica out: at the first connection that it refuses, until it is ready (<see cref="UpstreamProbes"/>) or the cluster's reactivation period is over; and where there is another
/// one, when as many requests in a row fail at it as open a breaker, for that period, because it says of itself that it is ready. The next failure after that takes it out
/// again, an answer is the end of it.
/// </summary>
internal sealed class ReplicaHealthPolicy(IDestinationHealthUpdater health, UpstreamTrouble trouble, IOptions<UpstreamOptions> options) : IPassiveHealthCheckPolicy
{
    public const string PolicyName = "ReplicaHealth";

    private static readonly TimeSpan _reactivationPeriod = TimeSpan.FromSeconds(30);

    // How many failed in a row, of those with failures.
    private readonly ConditionalWeakTable<DestinationState, StrongBox<int>> _failing = [];

    public string Name => PolicyName;

    /// <summary>True for a replica that is out for what it answers: whether it is ready says nothing.</summary>
    public bool IsFailing(DestinationState destination) => _failing.TryGetValue(destination, out var failures) && Volatile.Read(ref failures.Value) >= options.Value.Breaker.ConsecutiveFailures;

    /// <summary>True when there is a replica beside the one that failed that could have been asked, and at which nothing has failed since its last answer.</summary>
    public bool HasSoundOther(IReadOnlyList<DestinationState> all, DestinationState? failed)
    {
        foreach (var other in all)
        {
            if (IsInPlaceOf(other, failed) && !_failing.TryGetValue(other, out _))
                return true;
        }
        return false;
    }

    public void RequestProxied(HttpContext context, ClusterState cluster, DestinationState destination)
    {
        switch (UpstreamVerdict.Of(context))
        {
            case UpstreamOutcome.Unknown:
                break;
            case UpstreamOutcome.Answered:
                Forgive(destination);
                break;
            case UpstreamOutcome.Away:
                Forgive(destination);
                TakeOut(cluster, destination);
                trouble.Report();
                break;
            default:
                if (Interlocked.Increment(ref _failing.GetOrCreateValue(destination).Value) >= options.Value.Breaker.ConsecutiveFailures && HasOther(cluster, destination))
                    TakeOut(cluster, destination);
                break;
        }
    }

    private void Forgive(DestinationState destination)
    {
        // Looking takes no lock, and nearly always there is nothing.
        if (_failing.TryGetValue(destination, out _))
            _failing.Remove(destination);
    }

    private static bool HasOther(ClusterState cluster, DestinationState destination) =>
        cluster.DestinationsState.AllDestinations.Any(d => IsInPlaceOf(d, destination));

    /// <summary>In rotation, and for the same users: a canary does not take those of the stable release.</summary>
    private static bool IsInPlaceOf(DestinationState other, DestinationState? destination) => other != destination && other.Health.Passive != DestinationHealth.Unhealthy
        && (!CanaryShare.IsCanary(other.Model.Config) || (destination is not null && CanaryShare.IsCanary(destination.Model.Config)));

    private void TakeOut(ClusterState cluster, DestinationState destination) =>
        health.SetPassive(cluster, destination, DestinationHealth.Unhealthy, cluster.Model.Config.HealthCheck?.Passive?.ReactivationPeriod ?? _reactivationPeriod);
}
