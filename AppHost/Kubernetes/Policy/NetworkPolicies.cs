namespace TalentSphere.AppHost.Kubernetes.Policy;

/// <summary>
/// Who may open a connection to whom. Nobody, to begin with; then one file per edge of the app model, and what every pod needs of the cluster. A reference that
/// goes away takes its file with it.
/// </summary>
internal sealed class NetworkPolicies : IManifestSection
{
    private const int _metricsOfPostgres = 9187;
    private const int _metricsOfPooler = 9127;
    private const int _metricsOfRabbitMq = 15692;

    public IEnumerable<ManifestFile> Write(MeshModel mesh) =>
    [
        DefaultDeny(), Dns(), MeshControl(), Scrape(mesh), Collector(mesh), .. PublicGateway(mesh), .. Calls(mesh), .. mesh.Servers.SelectMany(s => Around(mesh, s)),
    ];

    private static ManifestFile DefaultDeny()
    {
        var policy = NetworkEdge.Policy("default-deny", labels: null, pods: null);
        ((Map)policy["spec"]!)["policyTypes"] = new[] { "Ingress", "Egress" };
        return new("policy/network/default-deny.yaml", policy) { Why = "Every pod, in both directions. What is open is open because another file here says so." };
    }

    private static ManifestFile Dns()
    {
        var rule = NetworkEdge.Rule("to", Surroundings.Pods("kube-system", "k8s-app", "kube-dns"));
        rule["ports"] = new[] { new Map { ["protocol"] = "UDP", ["port"] = 53 }, new Map { ["protocol"] = "TCP", ["port"] = 53 } };
        return new("policy/network/dns.yaml", NetworkEdge.Policy("dns", labels: null, pods: null, egress: rule));
    }

    /// <summary>A proxy gets its certificate and its configuration from Istio's control plane.</summary>
    private static ManifestFile MeshControl()
    {
        static Map ToControl(string name, string label, string value) => NetworkEdge.Policy(
            name, labels: null, new() { [label] = value }, egress: NetworkEdge.Rule("to", Surroundings.Pods(Surroundings.IstioNamespace, "app", "istiod"), 15012));
        return new(
            "policy/network/mesh-control.yaml",
            ToControl("proxies-to-istiod", IstioPolicies.InjectLabel, "true"),
            ToControl("public-to-istiod", Surroundings.PublicGatewayLabel, Surroundings.PublicGateway));
    }

    private static ManifestFile Scrape(MeshModel mesh) => new(
        "policy/network/scrape.yaml",
        [.. mesh.Workloads.Select(w => NetworkEdge.Policy(
            $"{w.Name}-scraped", labels: null, KubernetesNames.Selector(w.Name), ingress: NetworkEdge.Rule("from", Surroundings.Namespace(Surroundings.MonitoringNamespace), KubernetesNames.Port)))]);

    private static ManifestFile Collector(MeshModel mesh)
    {
        var collector = KubernetesNames.Selector(KubernetesNames.CollectorService);
        var workloads = mesh.Workloads.Select(w => NetworkEdge.Peer(KubernetesNames.Selector(w.Name))).ToList();
        var entered = NetworkEdge.Rule("from", peer: null, KubernetesNames.CollectorPort);
        return new(
            "policy/network/collector.yaml",
            [
                .. mesh.Workloads.Select(w => NetworkEdge.Policy(
                    $"{w.Name}-to-collector", labels: null, KubernetesNames.Selector(w.Name), egress: NetworkEdge.Rule("to", NetworkEdge.Peer(collector), KubernetesNames.CollectorPort))),
                NetworkEdge.Policy("collector-entered", labels: null, collector, ingress: new Map { ["from"] = workloads, ["ports"] = entered["ports"] }),
                NetworkEdge.Policy("collector-to-tracing", labels: null, collector, egress: NetworkEdge.Rule("to", Surroundings.Namespace(Surroundings.TracingNamespace), KubernetesNames.CollectorPort)),
            ]);
    }

    /// <summary>From outside to the proxy of the public Gateway, and from there to the one workload that is open to the outside.</summary>
    private static IEnumerable<ManifestFile> PublicGateway(MeshModel mesh)
    {
        var proxy = new Map { [Surroundings.PublicGatewayLabel] = Surroundings.PublicGateway };
        yield return new("policy/network/public.yaml", NetworkEdge.Policy("public-entered", labels: null, proxy, ingress: NetworkEdge.Rule("from", peer: null, 80, 443)));
        foreach (var gateway in mesh.Workloads.Where(w => w.Kind == WorkloadKind.Gateway))
            yield return NetworkEdge.Of(Surroundings.PublicGateway, proxy, gateway.Name, KubernetesNames.Selector(gateway.Name), KubernetesNames.Port);
    }

    private static IEnumerable<ManifestFile> Calls(MeshModel mesh) =>
        mesh.Workloads.SelectMany(w => w.Calls.Select(to => NetworkEdge.Of(w.Name, KubernetesNames.Selector(w.Name), to, KubernetesNames.Selector(to), KubernetesNames.Port)));

    /// <summary>Its users, its own insides, its operator and whoever reads its numbers.</summary>
    private static IEnumerable<ManifestFile> Around(MeshModel mesh, Server server)
    {
        foreach (var user in mesh.UsersOf(server.Name))
            yield return NetworkEdge.Of(user.Name, KubernetesNames.Selector(user.Name), server.Name, KubernetesNames.PodsOf(server), KubernetesNames.PortOf(server));
        foreach (var file in server.Kind switch
        {
            ServerKind.Postgres => Postgres(mesh, server),
            ServerKind.RabbitMq => RabbitMq(mesh, server),
            _ => Redis(server),
        })
        {
            yield return file;
        }
    }

    private static IEnumerable<ManifestFile> Postgres(MeshModel mesh, Server server)
    {
        var (cluster, pooler) = (KubernetesNames.ClusterPodsOf(server), KubernetesNames.PodsOf(server));
        yield return NetworkEdge.Of(KubernetesNames.PoolerOf(server), pooler, $"{server.Name}-cluster", cluster, 5432);
        yield return NetworkEdge.Of($"{server.Name}-cluster", cluster, $"{server.Name}-cluster", cluster, 5432, 8000);
        foreach (var owner in mesh.DatabasesOn(server.Name))
        {
            // A migration needs a session of its own, which the pooler does not give.
            yield return NetworkEdge.Of($"{owner.Name}-migration", KubernetesNames.Selector($"{owner.Name}-migration"), $"{server.Name}-cluster", cluster, 5432);
        }
        yield return NetworkEdge.Of($"{server.Name}-backup", KubernetesNames.Selector($"{server.Name}-backup"), $"{server.Name}-cluster", cluster, 5432);
        yield return new(
            $"policy/network/{server.Name}-operated.yaml",
            NetworkEdge.Policy($"{server.Name}-operated", labels: null, cluster, ingress: NetworkEdge.Rule("from", Surroundings.Namespace(Surroundings.CloudNativePgNamespace), 5432, 8000)),
            Outwards($"{server.Name}-to-api-and-storage", cluster, 443, 6443),
            Outwards($"{KubernetesNames.PoolerOf(server)}-to-api", pooler, 443, 6443),
            Outwards($"{server.Name}-backup-to-storage", KubernetesNames.Selector($"{server.Name}-backup"), 443),
            Scraped($"{server.Name}-scraped", cluster, _metricsOfPostgres),
            Scraped($"{KubernetesNames.PoolerOf(server)}-scraped", pooler, _metricsOfPooler))
        {
            Why = "CloudNativePG's instances ask the API server who leads and keep their write-ahead log in an object store outside.\nNeither has labels that a policy could name.",
        };
    }

    private static IEnumerable<ManifestFile> RabbitMq(MeshModel mesh, Server server)
    {
        var pods = KubernetesNames.PodsOf(server);
        // 4369 and 25672: nodes find and talk to each other.
        yield return NetworkEdge.Of(server.Name, pods, server.Name, pods, 4369, 25672);
        var operated = new List<Map>
        {
            NetworkEdge.Policy(
                $"{server.Name}-operated", labels: null, pods, ingress: NetworkEdge.Rule("from", Surroundings.Namespace(Surroundings.RabbitMqOperatorNamespace), 15672)),
            Outwards($"{server.Name}-to-api", pods, 443, 6443),
            Scraped($"{server.Name}-scraped", pods, _metricsOfRabbitMq),
        };
        if (mesh.UsersOf(server.Name).Any(u => u.Queue is not null))
        {
            operated.Add(NetworkEdge.Policy(
                $"{server.Name}-from-keda", labels: null, pods, ingress: NetworkEdge.Rule("from", Surroundings.Namespace(Surroundings.KedaNamespace), KubernetesNames.PortOf(server))));
        }
        yield return new($"policy/network/{server.Name}-operated.yaml", [.. operated]);
    }

    private static IEnumerable<ManifestFile> Redis(Server server)
    {
        var pods = KubernetesNames.PodsOf(server);
        yield return NetworkEdge.Of(server.Name, pods, server.Name, pods, 6379, 26379);
    }

    private static Map Scraped(string name, Map pods, int port) =>
        NetworkEdge.Policy(name, labels: null, pods, ingress: NetworkEdge.Rule("from", Surroundings.Namespace(Surroundings.MonitoringNamespace), port));

    private static Map Outwards(string name, Map pods, params ReadOnlySpan<int> ports) =>
        NetworkEdge.Policy(name, labels: null, pods, egress: NetworkEdge.Rule("to", new() { ["ipBlock"] = new Map { ["cidr"] = "0.0.0.0/0" } }, ports));
}
