using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using TalentSphere.AppHost.Kubernetes.Model;

namespace TalentSphere.Kubernetes.Tests.Rules;

/// <summary>
/// What the network policies together allow, computed as a network would: out of the one pod and into the other. Held against the app model in both directions,
/// so that a missing edge is found as well as one too many.
/// </summary>
internal static class NetworkRules
{
    private const int _processPort = 8080;

    public static IReadOnlyList<ManifestRule> All { get; } =
    [
        new("default-deny", DefaultDeny), new("dns", Dns), new("network-edges", Edges), new("server-edges", ServerEdges), new("outside", Outside), new("mail", Mail), new("certificates", Certificates), new("scraped", Scraped, OfWhole: true),
        new("collected", Collected, OfWhole: true), new("network-selectors", Selectors), new("jobs-reach", JobsReach),
    ];

    /// <summary>Something with an address: a pod here or in another namespace, or a machine outside of the cluster.</summary>
    private sealed class Place(string name, string? space, IReadOnlyDictionary<string, string> labels, Manifest? of = null)
    {
        public string Name { get; } = name;

        public string? Namespace { get; } = space;

        public IReadOnlyDictionary<string, string> Labels { get; } = labels;

        public Manifest? Of { get; } = of;
    }

    private static Place Internet { get; } = new("the internet", null, new Dictionary<string, string>());

    private static IEnumerable<Wrong> DefaultDeny(RenderedSet set)
    {
        if (!set.OfKind("NetworkPolicy").Any(p => p.Spec.At("podSelector") is JsonObject { Count: 0 } && p.Spec.Texts("policyTypes").Order().SequenceEqual(["Egress", "Ingress"])
            && p.Spec.List("ingress").Count == 0 && p.Spec.List("egress").Count == 0))
        {
            yield return (Anchor(set), "", "no policy denies everything in both directions");
        }
    }

    private static IEnumerable<Wrong> Dns(RenderedSet set)
    {
        var dns = new Place("DNS", "kube-system", new Dictionary<string, string> { ["k8s-app"] = "kube-dns" });
        foreach (var pod in Pods(set))
        {
            foreach (var protocol in new[] { "UDP", "TCP" }.Where(p => !MayLeave(set, pod, dns, 53, p)))
                yield return (pod.Of!, "", $"cannot ask for names over {protocol}");
        }
    }

    /// <summary>Between processes: on their one port where the model has a reference, and nowhere else.</summary>
    private static IEnumerable<Wrong> Edges(RenderedSet set)
    {
        var processes = Pods(set).Where(p => set.Facts.Workloads.ContainsKey(p.Name) && p.Of!.Kind == "Deployment").ToList();
        foreach (var from in processes)
        {
            foreach (var to in processes)
            {
                var wanted = set.Facts.Calls.Contains((from.Name, to.Name));
                var open = OpenPorts(set, from, to);
                if (wanted && !open.Contains(_processPort))
                    yield return (from.Of!, "", $"calls {to.Name} in the app model, and the network policies do not let it");
                foreach (var port in open.Where(p => !wanted || p != _processPort))
                    yield return (from.Of!, "", $"may reach port {Text(port)} of {to.Name}, and nothing in the app model says so");
            }
        }
    }

    /// <summary>From processes to servers, by the pods behind the name that their connection strings have.</summary>
    private static IEnumerable<Wrong> ServerEdges(RenderedSet set)
    {
        foreach (var from in Pods(set).Where(p => set.Facts.Workloads.ContainsKey(p.Name) && p.Of!.Kind == "Deployment"))
        {
            foreach (var (server, kind) in set.Facts.Servers)
            {
                var (host, port) = kind switch
                {
                    ServerKind.Postgres => ($"{server}-pooler", 5432),
                    ServerKind.Redis => (server, 6379),
                    _ => (server, 5672),
                };
                var wanted = set.Facts.Uses.Contains((from.Name, server));
                foreach (var to in Pods(set).Where(p => p.Of is { Kind: "Cluster" or "Pooler" or "RabbitmqCluster" or "StatefulSet" } && (p.Name == server || p.Name == host)))
                {
                    var open = OpenPorts(set, from, to);
                    if (wanted && to.Name == host && !open.Contains(port))
                        yield return (from.Of!, "", $"uses {server} in the app model, and the network policies do not let it");
                    foreach (var stray in open.Where(p => !wanted || to.Name != host || p != port))
                        yield return (from.Of!, "", $"may reach port {Text(stray)} of {to.Name}, and nothing in the app model says so");
                }
            }
        }
    }

    /// <summary>The internet reaches the public proxy only, and no process reaches the internet.</summary>
    private static IEnumerable<Wrong> Outside(RenderedSet set)
    {
        var stranger = new Place("a stranger in the cluster", "somewhere", new Dictionary<string, string>());
        foreach (var pod in Pods(set).Where(p => p.Of!.Kind != "Gateway"))
        {
            foreach (var port in PortsSaid(set).Where(p => MayEnter(set, Internet, pod, p, "TCP") || MayEnter(set, stranger, pod, p, "TCP")))
                yield return (pod.Of!, "", $"can be reached from anywhere on port {Text(port)}");
            foreach (var port in PortsSaid(set).Where(p => set.Facts.Workloads.ContainsKey(pod.Name) && MayLeave(set, pod, Internet, p, "TCP") && !(p is 465 or 587 && set.Facts.Mails.Contains(pod.Name))))
                yield return (pod.Of!, "", $"can reach the internet on port {Text(port)}");
        }
        foreach (var proxy in Pods(set).Where(p => p.Of!.Kind == "Gateway"))
        {
            if (!MayEnter(set, Internet, proxy, 443, "TCP"))
                yield return (proxy.Of!, "", "cannot be reached from outside");
            foreach (var to in Pods(set).Where(p => p.Of!.Kind == "Deployment" && set.Facts.Workloads.TryGetValue(p.Name, out _)))
            {
                var wanted = set.Facts.Workloads[to.Name] == WorkloadKind.Gateway;
                if (wanted != OpenPorts(set, proxy, to).Contains(_processPort))
                    yield return (proxy.Of!, "", wanted ? $"cannot reach {to.Name}" : $"can reach {to.Name}, past the gateway");
            }
        }
    }

    /// <summary>The authority's question comes in the way everything does and has to reach the pod that answers it.</summary>
    private static IEnumerable<Wrong> Certificates(RenderedSet set)
    {
        var controller = new Place("the ingress controller", "ingress-nginx", new Dictionary<string, string>());
        foreach (var solver in Pods(set).Where(p => p.Of!.Kind == "ClusterIssuer"))
        {
            var proxies = Pods(set).Where(p => p.Of!.Kind == "Gateway").ToList();
            if (proxies.Count > 0 ? !proxies.TrueForAll(p => OpenPorts(set, p, solver).Contains(8089)) : !MayEnter(set, controller, solver, 8089, "TCP"))
                yield return (solver.Of!, "", "cannot get a certificate: what answers the authority cannot be reached");
        }
    }

    /// <summary>Whoever is told of a mail server reaches it.</summary>
    private static IEnumerable<Wrong> Mail(RenderedSet set) => Pods(set).Where(p => p.Of!.Kind == "Deployment" && set.Facts.Mails.Contains(p.Name) && !MayLeave(set, p, Internet, 587, "TCP"))
        .Select(p => (p.Of!, "", "sends mail, and the network policies do not let it"));

    private static IEnumerable<Wrong> Scraped(RenderedSet set)
    {
        var prometheus = new Place("Prometheus", "monitoring", new Dictionary<string, string> { ["app.kubernetes.io/name"] = "prometheus" });
        return Pods(set).Where(p => set.Facts.Workloads.ContainsKey(p.Name) && p.Of!.Kind == "Deployment" && !MayEnter(set, prometheus, p, _processPort, "TCP"))
            .Select(p => (p.Of!, "", "cannot be scraped"));
    }

    private static IEnumerable<Wrong> Collected(RenderedSet set)
    {
        var collectors = Pods(set).Where(p => p.Of!.Kind == "OpenTelemetryCollector").ToList();
        foreach (var process in Pods(set).Where(p => set.Facts.Workloads.ContainsKey(p.Name) && p.Of!.Kind == "Deployment"))
        {
            if (!collectors.Exists(c => OpenPorts(set, process, c).Contains(4317)))
                yield return (process.Of!, "", "cannot send its traces");
        }
    }

    /// <summary>A policy that takes no pod opens or closes nothing: its label is misspelt, or what it was for is gone.</summary>
    private static IEnumerable<Wrong> Selectors(RenderedSet set)
    {
        var pods = Pods(set).ToList();
        foreach (var policy in set.OfKind("NetworkPolicy"))
        {
            if (!pods.Exists(p => RenderedSet.Selects(policy.Spec.At("podSelector"), p.Labels)))
                yield return (policy, "spec.podSelector", "takes no pod");
            foreach (var direction in new[] { "ingress", "egress" })
            {
                foreach (var peer in policy.Spec.List(direction).SelectMany(r => r.List(direction == "ingress" ? "from" : "to")))
                {
                    if (peer.ContainsKey("podSelector") && !peer.ContainsKey("namespaceSelector") && !pods.Exists(p => RenderedSet.Selects(peer.At("podSelector"), p.Labels)))
                        yield return (policy, $"spec.{direction}", $"names pods that are not there: {peer.ToJsonString()}");
                }
            }
        }
    }

    /// <summary>Who migrates and who backs up reaches the database.</summary>
    private static IEnumerable<Wrong> JobsReach(RenderedSet set)
    {
        var databases = Pods(set).Where(p => p.Of!.Kind is "Cluster" or "Pooler").ToList();
        foreach (var job in Pods(set).Where(p => p.Labels.GetValueOrDefault("app.kubernetes.io/component") is "migration" or "backup" && databases.Count > 0))
        {
            if (!databases.Exists(d => OpenPorts(set, job, d).Contains(5432)))
                yield return (job.Of!, "", "reaches no database");
        }
    }

    private static IReadOnlySet<int> OpenPorts(RenderedSet set, Place from, Place to) =>
        PortsSaid(set).Where(p => MayLeave(set, from, to, p, "TCP") && MayEnter(set, from, to, p, "TCP")).ToHashSet();

    private static IReadOnlyList<int> PortsSaid(RenderedSet set) => View.Of(set).Ports;

    private static IReadOnlyList<Place> Pods(RenderedSet set) => View.Of(set).Pods;

    private static string Home(RenderedSet set) => View.Of(set).Home;

    private static bool MayLeave(RenderedSet set, Place from, Place to, int port, string protocol) =>
        May(set, View.Of(set).PoliciesOf(from, "Egress"), to, port, protocol, "egress", "to");

    private static bool MayEnter(RenderedSet set, Place from, Place to, int port, string protocol) =>
        May(set, View.Of(set).PoliciesOf(to, "Ingress"), from, port, protocol, "ingress", "from");

    /// <summary>Pods that no policy of a direction takes are open in it; the others are open for what one of them lists.</summary>
    private static bool May(RenderedSet set, IReadOnlyList<Manifest> policies, Place peer, int port, string protocol, string rules, string peers) =>
        policies.Count == 0 || policies.SelectMany(p => p.Spec.List(rules)).Any(r =>
            (!r.ContainsKey("ports") || r.List("ports").Any(p => (p.Text("protocol") ?? "TCP") == protocol && IsPort(p, port)))
            && (!r.ContainsKey(peers) || r.List(peers).Any(p => IsPeer(set, p, peer))));

    private static bool IsPort(JsonObject said, int port) => said.Text("port") is not { } first
        || (int.TryParse(first, out var from) && (port == from || (int.TryParse(said.Text("endPort"), out var last) && port >= from && port <= last)));

    private static bool IsPeer(RenderedSet set, JsonObject said, Place place)
    {
        if (said.ContainsKey("ipBlock"))
            return place.Namespace is null;
        if (place.Namespace is null)
            return false;
        var space = new Dictionary<string, string> { ["kubernetes.io/metadata.name"] = place.Namespace };
        var inSpace = said.ContainsKey("namespaceSelector") ? RenderedSet.Selects(said.At("namespaceSelector"), space) : place.Namespace == Home(set);
        return inSpace && (!said.ContainsKey("podSelector") || RenderedSet.Selects(said.At("podSelector"), place.Labels));
    }

    private static Manifest Anchor(RenderedSet set) => set.OfKind("Namespace").FirstOrDefault() ?? set.Manifests[0];

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>What every rule here asks of a set, worked out once.</summary>
    private sealed class View
    {
        private static readonly ConditionalWeakTable<RenderedSet, View> _known = [];

        private readonly ConcurrentDictionary<(Place Pod, string Type), IReadOnlyList<Manifest>> _policiesOf = new();
        private readonly IReadOnlyList<Manifest> _policies;

        private View(RenderedSet set)
        {
            _policies = [.. set.OfKind("NetworkPolicy")];
            Home = _policies.FirstOrDefault()?.Namespace ?? "";
            Ports =
            [
                .. _policies.SelectMany(p => p.Spec.List("ingress").Concat(p.Spec.List("egress"))).SelectMany(r => r.List("ports"))
                    .Select(p => int.TryParse(p.Text("port"), out var port) ? port : 0).Append(_processPort).Append(61234).Where(p => p > 0).Distinct().Order(),
            ];
            Pods =
            [
                .. set.WithPods.Select(w => new Place(w.Name, Home, w.PodLabels, w)),
                .. ReferenceRules.OperatorPods(set).Select(p => new Place(p.Of.Name, Home, p.Labels, p.Of)),
                .. set.OfKind("Gateway").Where(g => g.Group == "gateway.networking.k8s.io").Select(g => new Place(
                    g.Name, Home, new Dictionary<string, string> { ["gateway.networking.k8s.io/gateway-name"] = g.Name }, g)),
            ];
        }

        public string Home { get; }

        /// <summary>Every port that a policy names, and one that none does: what is open for it is open for all.</summary>
        public IReadOnlyList<int> Ports { get; }

        public IReadOnlyList<Place> Pods { get; }

        public static View Of(RenderedSet set) => _known.GetValue(set, s => new(s));

        public IReadOnlyList<Manifest> PoliciesOf(Place pod, string type) => _policiesOf.GetOrAdd((pod, type), key =>
            [.. _policies.Where(p => p.Spec.Texts("policyTypes").Contains(key.Type) && RenderedSet.Selects(p.Spec.At("podSelector"), key.Pod.Labels))]);
    }
}
