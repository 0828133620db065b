using TalentSphere.AppHost.Kubernetes.Model;

namespace TalentSphere.Kubernetes.Tests.Rules;

/// <summary>Identities: who may call whom over mutual TLS, held against the app model in both directions.</summary>
internal static class IstioRules
{
    private const string _prometheus = "cluster.local/ns/monitoring/sa/prometheus-k8s";

    private const string _ingress = "cluster.local/ns/ingress-nginx/sa/ingress-nginx";

    public static IReadOnlyList<ManifestRule> All { get; } =
    [
        new("mutual-tls", MutualTls, OfWhole: true), new("allow-nothing", AllowNothing, OfWhole: true), new("authorization-edges", AuthorizationEdges, OfWhole: true), new("authorization-scrape", Scrape, OfWhole: true), new("proxies", Proxies, OfWhole: true),
        new("outliers", Outliers, OfWhole: true), new("canary", Canary, OfWhole: true),
    ];

    private static IEnumerable<Wrong> MutualTls(RenderedSet set)
    {
        var policies = set.OfKind("PeerAuthentication").ToList();
        if (!policies.Exists(p => p.Spec.At("selector") is null && p.Spec.Text("mtls", "mode") == "STRICT"))
            yield return (Anchor(set), "", "mutual TLS is not required in the namespace");
        foreach (var loose in policies.Where(p => p.Spec.Text("mtls", "mode") != "STRICT" || p.Spec!.ContainsKey("portLevelMtls")))
            yield return (loose, "spec.mtls", "is not strict");
    }

    private static IEnumerable<Wrong> AllowNothing(RenderedSet set)
    {
        if (!set.OfKind("AuthorizationPolicy").Any(p => p.Spec is { Count: 0 }))
            yield return (Anchor(set), "", "what no policy allows is allowed");
    }

    private static IEnumerable<Wrong> AuthorizationEdges(RenderedSet set)
    {
        foreach (var to in set.Workloads)
        {
            var allowed = new HashSet<string>();
            foreach (var policy in PoliciesFor(set, to).Where(p => p.Spec.Text("action") is null or "ALLOW"))
            {
                foreach (var rule in policy.Spec.List("rules"))
                {
                    if (!rule.List("from").SelectMany(f => f.Texts("source", "principals")).Any())
                        yield return (policy, "spec.rules", "allows whoever it is");
                    foreach (var port in rule.List("to").SelectMany(t => t.Texts("operation", "ports")).Where(p => !to.Containers.Any(c => c.Container.List("ports").Any(q => q.Text("containerPort") == p))))
                        yield return (policy, "spec.rules", $"{to.Name} has no port {port}");
                    foreach (var principal in rule.List("from").SelectMany(f => f.Texts("source", "principals")).Where(p => p != _prometheus))
                    {
                        if (principal.Split('/') is ["cluster.local", "ns", var space, "sa", var account] && space == to.Namespace && account != "*")
                            allowed.Add(account);
                        else if (principal == _ingress)
                            allowed.Add(principal);
                        else
                            yield return (policy, "spec.rules", $"'{principal}' is nobody of the mesh");
                    }
                }
            }
            var callers = set.Facts.Calls.Where(c => c.To == to.Name).Select(c => c.From).ToHashSet();
            if (set.Facts.Workloads[to.Name] == WorkloadKind.Gateway && set.Has("Ingress", to.Name))
                callers.Add(_ingress);
            if (set.Facts.Workloads[to.Name] == WorkloadKind.Gateway)
                callers.UnionWith(set.OfKind("Gateway").Where(g => g.Spec.Text("gatewayClassName") == "istio").Select(g => $"{g.Name}-istio"));
            foreach (var missing in callers.Except(allowed))
                yield return (to, "", $"{missing} calls it in the app model, and no authorization policy lets it");
            foreach (var stray in allowed.Except(callers))
                yield return (to, "", $"{stray} may call it, and nothing in the app model says so");
        }
    }

    /// <summary>Prometheus may read the numbers and nothing else.</summary>
    private static IEnumerable<Wrong> Scrape(RenderedSet set)
    {
        foreach (var workload in set.Workloads)
        {
            var rules = PoliciesFor(set, workload).SelectMany(p => p.Spec.List("rules")).Where(r => r.List("from").Any(f => f.Texts("source", "principals").Contains(_prometheus))).ToList();
            if (rules.Count == 0)
                yield return (workload, "", "cannot be scraped");
            else if (!rules.TrueForAll(r => r.List("to").Count > 0 && r.List("to").All(t => t.Texts("operation", "paths").SequenceEqual(["/metrics"]) && t.Texts("operation", "methods").SequenceEqual(["GET"]))))
                yield return (workload, "", "lets Prometheus do more than read its numbers");
        }
    }

    /// <summary>Without a proxy there is no identity, and the policies hold for nobody.</summary>
    private static IEnumerable<Wrong> Proxies(RenderedSet set)
    {
        foreach (var workload in set.Workloads.Where(w => w.PodLabels.GetValueOrDefault("sidecar.istio.io/inject") != "true"))
            yield return (workload, "spec.template.metadata.labels", "has no proxy");
        // Whatever else is here has no policy that would let anybody in, and a Job's proxy does not end when its work does.
        foreach (var other in set.WithPods.Where(w => w.PodLabels.GetValueOrDefault("sidecar.istio.io/inject") == "true" && !set.Workloads.Contains(w)))
            yield return (other, "spec.template.metadata.labels", "has a proxy");
        foreach (var space in set.OfKind("Namespace").Where(n => n.Labels.GetValueOrDefault("istio-injection") == "enabled"))
            yield return (space, "metadata.labels.istio-injection", "gives a proxy to whatever operators make here");
    }

    private static IEnumerable<Wrong> Outliers(RenderedSet set)
    {
        foreach (var workload in set.Workloads)
        {
            var rule = set.OfKind("DestinationRule").FirstOrDefault(r => r.Spec.Text("host")?.Split('.')[0] == workload.Name);
            if (rule?.Spec.At("trafficPolicy", "outlierDetection", "consecutive5xxErrors") is null)
                yield return (workload, "", "a pod of it that fails is asked on and on");
            else if (rule.Spec.Text("trafficPolicy", "tls", "mode") is not (null or "ISTIO_MUTUAL"))
                yield return (rule, "spec.trafficPolicy.tls", "leaves mutual TLS");
        }
    }

    private static IEnumerable<Wrong> Canary(RenderedSet set)
    {
        foreach (var called in set.Facts.Calls.Select(c => c.To).Distinct())
        {
            var routes = set.OfKind("VirtualService").FirstOrDefault(v => v.Name == called)?.Spec.List("http") ?? [];
            if (set.Workloads.FirstOrDefault(w => w.Name == called) is { } workload
                && !(routes.Count == 2 && routes[0].List("match").Count > 0 && routes[0].List("match").All(m => m.Map("headers").Count > 0) && routes[0].List("route")[0].Text("destination", "subset") == "canary"
                    && routes[1].List("match").Count == 0 && routes[1].List("route")[0].Text("destination", "subset") == "stable"))
            {
                yield return (workload, "", "does not send to the canary by header, and everything else to what is stable");
            }
        }
    }

    private static IEnumerable<Manifest> PoliciesFor(RenderedSet set, Manifest workload) => set.OfKind("AuthorizationPolicy")
        .Where(p => p.Spec is { Count: > 0 } && !p.Spec.ContainsKey("targetRefs") && RenderedSet.Selects(p.Spec.At("selector"), workload.PodLabels));

    private static Manifest Anchor(RenderedSet set) => set.OfKind("Namespace").FirstOrDefault() ?? set.Manifests[0];
}
