using System.Runtime.CompilerServices;
using Yarp.ReverseProxy.LoadBalancing;
using Yarp.ReverseProxy.Model;

namespace TalentSphere.Gateway.Edge.Routing;

/// <summary>
/// Sends equal keys to the same replica (§17). The ring holds all replicas, so that one that is out for a while loses its keys to the next ones and gets the same keys
/// back; it is made again only when the set of replicas changes.
/// </summary>
internal sealed class ConsistentHashPolicy : ILoadBalancingPolicy
{
    public const string PolicyName = "ConsistentHash";

    private readonly ConditionalWeakTable<IReadOnlyList<DestinationState>, Replicas> _rings = [];

    public string Name => PolicyName;

    public DestinationState? PickDestination(HttpContext context, ClusterState cluster, IReadOnlyList<DestinationState> availableDestinations)
    {
        var replicas = _rings.GetValue(cluster.DestinationsState.AllDestinations, static all => new(all));
        var key = context.GetEndpoint()?.Metadata.GetMetadata<StickyKey>() ?? StickyKey.User;
        return replicas.Find(HashRing.Hash(key.Of(context)), availableDestinations);
    }

    private sealed class Replicas
    {
        private readonly DestinationState[] _all;
        private readonly HashRing _ring;

        public Replicas(IReadOnlyList<DestinationState> all)
        {
            _all = [.. all];
            // By address and not by name: names are numbered, and a number moves to another replica when one before it goes.
            _ring = new([.. _all.Select(d => d.Model.Config.Address)]);
        }

        public DestinationState? Find(ulong key, IReadOnlyList<DestinationState> available)
        {
            var node = _ring.Find(key, static (i, s) => Contains(s.available, s._all[i]), (available, _all));
            return node < 0 ? null : _all[node];
        }

        private static bool Contains(IReadOnlyList<DestinationState> destinations, DestinationState destination)
        {
            for (var i = 0; i < destinations.Count; i++)
            {
                if (destinations[i] == destination)
                    return true;
            }
            return false;
        }
    }
}
