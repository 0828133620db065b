namespace TalentSphere.AppHost.Kubernetes.Policy;

/// <summary>
/// Between the processes: mutual TLS and nothing else, and one authorization per edge of the app model, by the identity of the caller's account.
/// Pods take part by their label and not by their namespace: Jobs, servers and what operators make stay out, and know their clients by login and network policy.
/// </summary>
internal sealed class IstioPolicies : IManifestSection
{
    /// <summary>Which release a pod is of: <c>stable</c>, or <c>canary</c> for the pods of a trial.</summary>
    public const string TrackLabel = "talentsphere.io/track";

    /// <summary>A request that carries it with the value <c>always</c> goes to the canary.</summary>
    public const string CanaryHeader = "x-canary";

    public IEnumerable<ManifestFile> Write(MeshModel mesh)
    {
        yield return Strict();
        yield return Nothing();
        yield return Scrape();
        yield return ControlPlane();
        foreach (var workload in mesh.Workloads)
        {
            foreach (var to in workload.Calls)
                yield return Allowed("policy/istio", $"{workload.Name}-to-{to}", workload.Name, Surroundings.Principal(workload.Name), to);
            yield return Destination(workload);
            if (mesh.CallersOf(workload.Name).Any())
                yield return new($"policy/istio/{workload.Name}-routes.yaml", Routes(workload.Name, fault: null));
        }
    }

    /// <summary>
    /// Where requests for a workload go: with the canary's header to the canary, else to what is stable. <paramref name="fault"/> is what an experiment does to
    /// the latter.
    /// </summary>
    public static Map Routes(string workload, Map? fault)
    {
        var host = Host(workload);
        var service = KubernetesNames.Document("networking.istio.io/v1", "VirtualService", workload, Labels(workload));
        service["spec"] = new Map
        {
            ["hosts"] = new[] { host },
            ["http"] = new[]
            {
                new Map
                {
                    ["name"] = "canary",
                    ["match"] = new[] { new Map { ["headers"] = new Map { [CanaryHeader] = new Map { ["exact"] = "always" } } } },
                    ["route"] = new[] { new Map { ["destination"] = new Map { ["host"] = host, ["subset"] = "canary" } } },
                },
                new Map
                {
                    ["name"] = "stable",
                    ["fault"] = fault,
                    ["route"] = new[] { new Map { ["destination"] = new Map { ["host"] = host, ["subset"] = "stable" } } },
                },
            },
        };
        return service;
    }

    private static ManifestFile Strict()
    {
        var strict = KubernetesNames.Document("security.istio.io/v1", "PeerAuthentication", "default", Labels(null));
        strict["spec"] = new Map { ["mtls"] = new Map { ["mode"] = "STRICT" } };
        return new("policy/istio/mutual-tls.yaml", strict);
    }

    /// <summary>A policy without a rule allows nothing, and everything that another one does not allow is refused.</summary>
    private static ManifestFile Nothing()
    {
        var nothing = KubernetesNames.Document("security.istio.io/v1", "AuthorizationPolicy", "allow-nothing", Labels(null));
        nothing["spec"] = new Map();
        return new("policy/istio/allow-nothing.yaml", nothing);
    }

    private static ManifestFile Scrape()
    {
        var policy = KubernetesNames.Document("security.istio.io/v1", "AuthorizationPolicy", "scrape", Labels(null));
        policy["spec"] = new Map
        {
            ["selector"] = new Map { ["matchLabels"] = new Map { [KubernetesNames.PartOfLabel] = KubernetesNames.Namespace } },
            ["action"] = "ALLOW",
            ["rules"] = new[]
            {
                new Map
                {
                    ["from"] = From(Surroundings.Principal(Surroundings.MonitoringNamespace, Surroundings.Prometheus)),
                    ["to"] = new[] { new Map { ["operation"] = new Map { ["methods"] = new[] { "GET" }, ["paths"] = new[] { "/metrics" }, ["ports"] = Port } } },
                },
            },
        };
        return new("policy/istio/scrape.yaml", policy);
    }

    /// <summary>A proxy gets its certificate and its configuration from Istio's control plane.</summary>
    private static ManifestFile ControlPlane() => new("policy/istio/control-plane.yaml", NetworkEdge.Policy(
        "proxies-to-istiod", labels: null, new() { [KubernetesNames.InjectLabel] = "true" },
        egress: NetworkEdge.Rule("to", Surroundings.Pods(Surroundings.IstioNamespace, "app", "istiod"), Surroundings.IstioPort)));

    /// <summary>One caller of one workload, to everything but what is the cluster's own.</summary>
    public static ManifestFile Allowed(string folder, string file, string from, string principal, string to, string? component = null)
    {
        var policy = KubernetesNames.Document("security.istio.io/v1", "AuthorizationPolicy", $"{from}-to-{to}", Labels(to, component ?? "policy"));
        policy["spec"] = new Map
        {
            ["selector"] = new Map { ["matchLabels"] = KubernetesNames.Selector(to) },
            ["action"] = "ALLOW",
            ["rules"] = new[]
            {
                new Map
                {
                    ["from"] = From(principal),
                    ["to"] = new[] { new Map { ["operation"] = new Map { ["ports"] = Port, ["notPaths"] = new[] { "/metrics", "/health/deep" } } } },
                },
            },
        };
        return new($"{folder}/{file}.yaml", policy);
    }

    /// <summary>A pod that fails is left alone for a while, and never more than half of them.</summary>
    private static ManifestFile Destination(Workload workload)
    {
        var rule = KubernetesNames.Document("networking.istio.io/v1", "DestinationRule", workload.Name, Labels(workload.Name));
        rule["spec"] = new Map
        {
            ["host"] = Host(workload.Name),
            ["trafficPolicy"] = new Map
            {
                ["tls"] = new Map { ["mode"] = "ISTIO_MUTUAL" },
                ["connectionPool"] = new Map
                {
                    ["tcp"] = new Map { ["maxConnections"] = 1000, ["connectTimeout"] = "2s" },
                    ["http"] = new Map { ["http1MaxPendingRequests"] = 1000, ["http2MaxRequests"] = 2000 },
                },
                ["outlierDetection"] = new Map { ["consecutive5xxErrors"] = 5, ["interval"] = "10s", ["baseEjectionTime"] = "30s", ["maxEjectionPercent"] = 50 },
            },
            ["subsets"] = new[]
            {
                new Map { ["name"] = "stable", ["labels"] = new Map { [TrackLabel] = "stable" } },
                new Map { ["name"] = "canary", ["labels"] = new Map { [TrackLabel] = "canary" } },
            },
        };
        return new($"policy/istio/{workload.Name}-destination.yaml", rule);
    }

    private static string Host(string workload) => $"{workload}.{KubernetesNames.Namespace}.svc.cluster.local";

    private static string[] Port => [Invariant.Text(KubernetesNames.Port)];

    private static Map[] From(string principal) => [new() { ["source"] = new Map { ["principals"] = new[] { principal } } }];

    private static Map Labels(string? workload, string component = "policy") => new()
    {
        [KubernetesNames.NameLabel] = workload,
        [KubernetesNames.PartOfLabel] = KubernetesNames.Namespace,
        [KubernetesNames.ComponentLabel] = component,
    };
}
