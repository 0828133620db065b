using TalentSphere.AppHost.Kubernetes.Platform;
using TalentSphere.AppHost.Kubernetes.Policy;

namespace TalentSphere.AppHost.Kubernetes.Overlays;

/// <summary>
/// PostgreSQL over several clusters: the one of production becomes Citus' coordinator, to which services connect as before, and workers beside it take the tables that the
/// services' models distribute. Each service's migration job distributes its own.
/// </summary>
internal sealed class CitusOverlay : IOverlay
{
    private const string _name = "prod-citus";
    private const string _folder = $"overlays/{_name}";
    private const int _workers = 2;

    public IEnumerable<ManifestFile> Write(MeshModel mesh, IReadOnlySet<string> folders)
    {
        var postgres = mesh.Servers.FirstOrDefault(s => s.Kind == ServerKind.Postgres);
        if (postgres is null)
            yield break;
        var owners = mesh.DatabasesOn(postgres.Name).ToList();
        var workers = WorkersOf(postgres);
        yield return new($"{_folder}/node.yaml", Node(postgres, owners)) { IsPart = true };
        foreach (var worker in workers)
        {
            var labels = KubernetesNames.Labels(worker, "database");
            yield return new($"{_folder}/{worker}.yaml", [Postgres.Cluster(postgres, worker, owners, labels), Postgres.Backup(worker, labels), .. owners.Select(o => Postgres.Database(worker, o.Database!.Name, labels))]);
        }
        yield return new($"{_folder}/superuser.yaml", CitusNodes.SuperuserSecret(mesh, postgres));
        yield return new($"{_folder}/nodes.yaml", CitusNodes.Account(postgres), CitusNodes.Job(postgres, workers, owners))
        {
            Why = "Makes the workers known to the coordinator, in every database; what is known stays. Run again after a worker more and after a rotated password, as the guide says.",
        };
        yield return new($"{_folder}/networkpolicy.yaml", [.. Network(postgres, workers)]);
        yield return OverlayWriter.Kustomization(
            _name, ["../prod", .. workers.Select(w => $"{w}.yaml"), "superuser.yaml", "nodes.yaml", "networkpolicy.yaml"],
            [
                Patches.Merge("Cluster", "node.yaml"),
                Patches.Change("Database", null, ("add", "/spec/extensions", new[] { new Map { ["name"] = "citus", ["ensure"] = "present" } })),
                .. owners.Select(o => Patches.Change("ConfigMap", KubernetesNames.ConfigOf(o), ("add", "/data/Database__Distribution", "Citus"))),
            ],
            why: "The database over several clusters, by Citus. Not to be applied over one that serves: the guide says how to get there.");
    }

    /// <summary>The workers' names.</summary>
    public static IReadOnlyList<string> WorkersOf(Server postgres) => [.. Enumerable.Range(1, _workers).Select(n => $"{postgres.Name}-worker-{Invariant.Text(n)}")];

    /// <summary>What each node has beyond a cluster without Citus.</summary>
    private static Map Node(Server postgres, List<Workload> owners) => new()
    {
        ["apiVersion"] = "postgresql.cnpg.io/v1",
        ["kind"] = "Cluster",
        ["metadata"] = new Map { ["name"] = "every-cluster" },
        ["spec"] = new Map
        {
            ["imageName"] = ServerImages.Citus(postgres),
            ["enableSuperuserAccess"] = true,
            ["superuserSecret"] = new Map { ["name"] = CitusNodes.Superuser(postgres) },
            ["postgresql"] = new Map
            {
                ["shared_preload_libraries"] = new[] { "citus" },
                ["parameters"] = new Map
                {
                    ["citus.node_conninfo"] = "sslmode=require",
                    // One transaction may change what every node has and what is spread; side by side on several connections of a node that is refused.
                    ["citus.multi_shard_modify_mode"] = "sequential",
                },
                // Nodes enter each other as the superuser too. Network policies let nobody else but the job that registers them so far.
                ["pg_hba"] = new[] { "hostssl all postgres all scram-sha-256" }.Concat(Postgres.Entries(owners)).Append(Postgres.NobodyElse),
            },
        },
    };

    private static IEnumerable<Map> Network(Server postgres, IReadOnlyList<string> workers)
    {
        var every = Nodes([postgres.Name, .. workers]);
        yield return NetworkEdge.PolicyOf($"{postgres.Name}-node-to-node", every, ingress: Rule("from", every), egress: Rule("to", every));
        var registers = KubernetesNames.Selector(CitusNodes.Name(postgres));
        yield return NetworkEdge.Policy($"{CitusNodes.Name(postgres)}-to-nodes", labels: null, registers, egress: Rule("to", every));
        yield return NetworkEdge.PolicyOf($"{postgres.Name}-node-from-registration", every, ingress: NetworkEdge.Rule("from", NetworkEdge.Peer(registers), 5432));
        foreach (var worker in workers)
        {
            // As the coordinator has it in the policies of production: its replicas, its operator, the API server and the object store.
            var pods = KubernetesNames.ClusterPodsOf(worker);
            yield return NetworkEdge.Policy(
                $"{worker}-to-itself", labels: null, pods, ingress: NetworkEdge.Rule("from", NetworkEdge.Peer(pods), 5432, 8000), egress: NetworkEdge.Rule("to", NetworkEdge.Peer(pods), 5432, 8000));
            yield return NetworkEdge.Policy(
                $"{worker}-operated", labels: null, pods, ingress: NetworkEdge.Rule("from", Surroundings.Namespace(Surroundings.CloudNativePgNamespace), 5432, 8000));
            yield return NetworkPolicies.Outwards($"{worker}-to-api-and-storage", pods, 443, 6443);
        }
    }

    private static Map Rule(string direction, Map pods) => NetworkEdge.Rule(direction, new() { ["podSelector"] = pods }, 5432);

    private static Map Nodes(IEnumerable<string> clusters) => new()
    {
        ["matchExpressions"] = new[] { new Map { ["key"] = KubernetesNames.ClusterLabel, ["operator"] = "In", ["values"] = clusters } },
    };
}
