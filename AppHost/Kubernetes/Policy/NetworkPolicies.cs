namespace TalentSphere.AppHost.Kubernetes.Policy;

/// <summary>
/// Who may open a connection to whom. Nobody, to begin with; then one file per edge of the app model, and what every pod needs of the cluster. A reference that
/// goes away takes its file with it.
/// </summary>
internal sealed class NetworkPolicies : IManifestSection
{
    public IEnumerable<ManifestFile> Write(MeshModel mesh) =>
    [
        DefaultDeny(), Dns(), .. Calls(mesh), .. Mail(mesh), .. mesh.Servers.SelectMany(s => Around(mesh, s)),
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

    private static IEnumerable<ManifestFile> Calls(MeshModel mesh) =>
        mesh.Workloads.SelectMany(w => w.Calls.Select(to => NetworkEdge.Of(w.Name, KubernetesNames.Selector(w.Name), to, KubernetesNames.Selector(to), KubernetesNames.Port)));

    /// <summary>Whoever is told of a mail server reaches one: it stands outside, where only ports can be named.</summary>
    private static IEnumerable<ManifestFile> Mail(MeshModel mesh) => mesh.Workloads.Where(w => w.Settings.Any(s => s.Key.StartsWith("Mail__Smtp__", StringComparison.Ordinal)))
        .Select(w => new ManifestFile($"policy/network/{w.Name}-to-mail.yaml", Outwards($"{w.Name}-to-mail", KubernetesNames.Selector(w.Name), 465, 587)));

    /// <summary>Its users, its own insides, and its operator.</summary>
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
            yield return NetworkEdge.Of($"{owner.Name}-migration", KubernetesNames.Selector($"{owner.Name}-migration"), server.Name, pooler, KubernetesNames.PortOf(server));
        yield return NetworkEdge.Of(Platform.Backup.Name, KubernetesNames.Selector(Platform.Backup.Name), server.Name, pooler, KubernetesNames.PortOf(server));
        yield return new(
            $"policy/network/{server.Name}-operated.yaml",
            NetworkEdge.Policy($"{server.Name}-operated", labels: null, cluster, ingress: NetworkEdge.Rule("from", Surroundings.Namespace(Surroundings.CloudNativePgNamespace), 5432, 8000)),
            Outwards($"{server.Name}-to-api-and-storage", cluster, 443, 6443),
            Outwards($"{KubernetesNames.PoolerOf(server)}-to-api", pooler, 443, 6443))
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
        yield return NetworkEdge.Of(server.Name, pods, server.Name, pods, KubernetesNames.PortOf(server));
    }

    /// <summary>Out of the cluster, where only ports can be named.</summary>
    public static Map Outwards(string name, Map pods, params ReadOnlySpan<int> ports) =>
        NetworkEdge.Policy(name, labels: null, pods, egress: NetworkEdge.Rule("to", new() { ["ipBlock"] = new Map { ["cidr"] = "0.0.0.0/0" } }, ports));
}
