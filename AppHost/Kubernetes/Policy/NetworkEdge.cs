namespace TalentSphere.AppHost.Kubernetes.Policy;

/// <summary>Writes one permission between two kinds of pods as both ends need it: the one may go out, the other may be entered.</summary>
internal static class NetworkEdge
{
    /// <summary>Which edge a policy opens: what is cut off in an experiment is found by it.</summary>
    public const string FromLabel = "talentsphere.io/edge-from";
    public const string ToLabel = "talentsphere.io/edge-to";

    /// <summary>A file with both ends of one edge of the model.</summary>
    public static ManifestFile Of(string from, Map fromPods, string to, Map toPods, params ReadOnlySpan<int> ports) =>
        Of("policy/network", from, fromPods, to, toPods, ports);

    /// <summary>The same, for a part of the deployment that may be left out.</summary>
    public static ManifestFile Of(string folder, string from, Map fromPods, string to, Map toPods, params ReadOnlySpan<int> ports) => new(
        $"{folder}/{from}-to-{to}.yaml",
        Policy($"{from}-to-{to}", Labels(from, to, folder), fromPods, egress: Rule("to", Peer(toPods), ports)),
        Policy($"{to}-from-{from}", Labels(from, to, folder), toPods, ingress: Rule("from", Peer(fromPods), ports)));

    /// <summary>A policy of its own.</summary>
    public static Map Policy(string name, Map? labels, Map? pods, Map? ingress = null, Map? egress = null) =>
        Write(name, labels, pods is null ? new Map() : new Map { ["matchLabels"] = pods }, ingress, egress);

    /// <summary>The same for pods that a whole selector takes.</summary>
    public static Map PolicyOf(string name, Map selector, Map? ingress = null, Map? egress = null) => Write(name, labels: null, selector, ingress, egress);

    private static Map Write(string name, Map? labels, Map selector, Map? ingress, Map? egress)
    {
        var policy = KubernetesNames.Document("networking.k8s.io/v1", "NetworkPolicy", name, labels ?? Labels(null, null));
        policy["spec"] = new Map
        {
            ["podSelector"] = selector,
            ["policyTypes"] = new[] { ingress is null ? null : "Ingress", egress is null ? null : "Egress" },
            ["ingress"] = ingress is null ? null : new[] { ingress },
            ["egress"] = egress is null ? null : new[] { egress },
        };
        return policy;
    }

    /// <summary>One rule: whoever it is, on these ports.</summary>
    public static Map Rule(string direction, Map? peer, params ReadOnlySpan<int> ports) => new()
    {
        [direction] = peer is null ? null : new[] { peer },
        ["ports"] = ports.Length == 0 ? null : ports.ToArray().Select(p => new Map { ["protocol"] = "TCP", ["port"] = p }),
    };

    public static Map Peer(Map pods) => new() { ["podSelector"] = new Map { ["matchLabels"] = pods } };

    private static Map Labels(string? from, string? to, string folder = "") => new()
    {
        [KubernetesNames.PartOfLabel] = KubernetesNames.Namespace,
        [KubernetesNames.ComponentLabel] = folder.EndsWith(PublicEdge.Component, StringComparison.Ordinal) ? PublicEdge.Component : "policy",
        [FromLabel] = from,
        [ToLabel] = to,
    };
}
