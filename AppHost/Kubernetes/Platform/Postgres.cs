using TalentSphere.AppHost.Kubernetes.Workloads;

namespace TalentSphere.AppHost.Kubernetes.Platform;

/// <summary>
/// PostgreSQL by CloudNativePG: three instances of which one writes, a pooler before it, a database and a login for each service that owns one, and base backups with
/// the log shipped as it is written. A service more in the model is a login and a database more here.
/// </summary>
internal sealed class Postgres : IManifestSection
{
    /// <summary>The region of a deployment that is told no other.</summary>
    public const string HomeRegion = "home";

    // Sessions, not transactions: the outbox relay listens and holds advisory locks, which live in a session.
    private const int _sessionsPerService = 40;
    private const int _poolers = 2;

    public IEnumerable<ManifestFile> Write(MeshModel mesh) => mesh.Servers.Where(s => s.Kind == ServerKind.Postgres).SelectMany(s => Write(mesh, s));

    /// <summary>Who may enter a cluster over the network, and into what: each login its own database.</summary>
    public static IEnumerable<string> Entries(IEnumerable<Workload> owners) => owners.Select(o => $"hostssl {o.Database!.Name} {o.Database.Name} all scram-sha-256");

    /// <summary>The last line of those: these come after the operator's own lines and before its last, which would let everybody in.</summary>
    public const string NobodyElse = "host all all all reject";

    /// <summary>The Secret with one login's password.</summary>
    public static string RoleSecret(Server server, Workload owner) => $"{server.Name}-role-{owner.Database!.Name}";

    /// <summary>The labels of a Secret whose changes the operator follows: a rotated password is set as soon as it arrives.</summary>
    public static Map Watched(Server server)
    {
        var labels = KubernetesNames.Labels(server.Name, "database");
        labels["cnpg.io/reload"] = "true";
        return labels;
    }

    private static IEnumerable<ManifestFile> Write(MeshModel mesh, Server server)
    {
        var folder = $"platform/{server.Name}";
        var labels = KubernetesNames.Labels(server.Name, "database");
        var watched = Watched(server);
        var owners = mesh.DatabasesOn(server.Name).ToList();
        yield return new($"{folder}/cluster.yaml", Cluster(server, server.Name, owners, labels));
        yield return new($"{folder}/pooler.yaml", Pooler(server, labels));
        var budget = WorkloadDisruption.Budget(KubernetesNames.PoolerOf(server), KubernetesNames.Labels(KubernetesNames.PoolerOf(server), "pooler"));
        budget["spec"] = new Map { ["maxUnavailable"] = 1, ["selector"] = new Map { ["matchLabels"] = KubernetesNames.PodsOf(server) } };
        yield return new($"{folder}/pooler-budget.yaml", budget);
        yield return new($"{folder}/scheduledbackup.yaml", Backup(server.Name, labels));
        yield return new($"{folder}/backup-store.yaml", ExternalSecrets.Document(
            BackupStore.Secret, watched, [new(BackupStore.AccessKey, "{{ .access_key }}"), new(BackupStore.SecretKey, "{{ .secret_key }}")],
            [new("access_key", BackupStore.Owner, BackupStore.AccessKey), new("secret_key", BackupStore.Owner, BackupStore.SecretKey)]));
        foreach (var owner in owners)
        {
            var database = owner.Database!;
            yield return new($"{folder}/database-{database.Name}.yaml", Database(server.Name, database.Name, labels));
            yield return new($"{folder}/role-{database.Name}.yaml", ExternalSecrets.Document(
                mesh, RoleSecret(server, owner), watched,
                [new("username", database.Name), new("password", ExternalSecrets.Hole(database.PasswordParameter))], [database.PasswordParameter], "kubernetes.io/basic-auth"));
        }
    }

    /// <summary>A cluster with the logins of <paramref name="owners"/>.</summary>
    /// <param name="server">The server of the model that it is, or is a part of.</param>
    /// <param name="name">Its name.</param>
    /// <param name="owners">Who has a database there.</param>
    /// <param name="labels">Its labels.</param>
    public static Map Cluster(Server server, string name, IReadOnlyCollection<Workload> owners, Map labels)
    {
        var cluster = KubernetesNames.Document("postgresql.cnpg.io/v1", "Cluster", name, labels);
        cluster["spec"] = new Map
        {
            ["description"] = "One database and one login per service",
            ["instances"] = 3,
            ["imageName"] = ServerImages.Postgres(server),
            ["inheritedMetadata"] = new Map { ["labels"] = Outside() },
            ["primaryUpdateStrategy"] = "unsupervised",
            ["primaryUpdateMethod"] = "switchover",
            ["enableSuperuserAccess"] = false,
            ["bootstrap"] = new Map { ["initdb"] = new Map { ["database"] = "unused", ["owner"] = "unused", ["encoding"] = "UTF8", ["dataChecksums"] = true } },
            ["postgresql"] = new Map
            {
                ["parameters"] = new Map
                {
                    ["max_connections"] = Invariant.Text((owners.Count * _sessionsPerService * _poolers) + 40),
                    ["shared_buffers"] = "1GB",
                    ["effective_cache_size"] = "3GB",
                    ["log_min_duration_statement"] = "500",
                    ["wal_compression"] = "on",
                },
                ["synchronous"] = new Map { ["method"] = "any", ["number"] = 1, ["dataDurability"] = "required" },
                ["pg_hba"] = Entries(owners).Append(NobodyElse),
            },
            ["managed"] = new Map
            {
                ["roles"] = owners.Select(o => new Map
                {
                    ["name"] = o.Database!.Name,
                    ["ensure"] = "present",
                    ["login"] = true,
                    ["superuser"] = false,
                    ["createdb"] = false,
                    ["createrole"] = false,
                    ["connectionLimit"] = -1,
                    ["passwordSecret"] = new Map { ["name"] = RoleSecret(server, o) },
                }),
            },
            ["storage"] = new Map { ["size"] = "50Gi", ["resizeInUseVolumes"] = true },
            ["walStorage"] = new Map { ["size"] = "10Gi", ["resizeInUseVolumes"] = true },
            ["resources"] = PodResources.Bounds("1", "4Gi", "4", "4Gi"),
            ["affinity"] = new Map { ["enablePodAntiAffinity"] = true, ["podAntiAffinityType"] = "preferred", ["topologyKey"] = "kubernetes.io/hostname" },
            ["topologySpreadConstraints"] = new[]
            {
                new Map
                {
                    ["maxSkew"] = 1,
                    ["topologyKey"] = "topology.kubernetes.io/zone",
                    ["whenUnsatisfiable"] = "ScheduleAnyway",
                    ["labelSelector"] = new Map { ["matchLabels"] = KubernetesNames.ClusterPodsOf(name) },
                },
            },
            ["seccompProfile"] = new Map { ["type"] = "RuntimeDefault" },
            ["backup"] = new Map
            {
                ["retentionPolicy"] = "30d",
                ["target"] = "prefer-standby",
                ["barmanObjectStore"] = BackupStore.Barman(HomeRegion, name),
            },
        };
        return cluster;
    }

    /// <summary>A database in a cluster, owned by the login of its name.</summary>
    public static Map Database(string cluster, string name, Map labels)
    {
        var document = KubernetesNames.Document("postgresql.cnpg.io/v1", "Database", $"{cluster}-{name}", labels);
        document["spec"] = new Map
        {
            ["cluster"] = new Map { ["name"] = cluster },
            ["name"] = name,
            ["owner"] = name,
            ["ensure"] = "present",
            ["databaseReclaimPolicy"] = "retain",
        };
        return document;
    }

    // PostgreSQL speaks TLS itself, and its operator is in no service mesh.
    private static Map Outside() => new() { [KubernetesNames.PartOfLabel] = KubernetesNames.Namespace, [KubernetesNames.InjectLabel] = "false" };

    private static Map Pooler(Server server, Map labels)
    {
        var pooler = KubernetesNames.Document("postgresql.cnpg.io/v1", "Pooler", KubernetesNames.PoolerOf(server), labels);
        pooler["spec"] = new Map
        {
            ["cluster"] = new Map { ["name"] = server.Name },
            ["instances"] = _poolers,
            ["type"] = "rw",
            ["pgbouncer"] = new Map
            {
                ["poolMode"] = "session",
                ["parameters"] = new Map
                {
                    ["max_client_conn"] = "1000",
                    ["default_pool_size"] = Invariant.Text(_sessionsPerService),
                    ["server_idle_timeout"] = "60",
                    ["query_wait_timeout"] = "30",
                },
            },
            ["template"] = new Map
            {
                ["metadata"] = new Map { ["labels"] = Outside() },
                ["spec"] = new Map
                {
                    ["topologySpreadConstraints"] = new[]
                    {
                        new Map
                        {
                            ["maxSkew"] = 1,
                            ["topologyKey"] = "kubernetes.io/hostname",
                            ["whenUnsatisfiable"] = "ScheduleAnyway",
                            ["labelSelector"] = new Map { ["matchLabels"] = KubernetesNames.PodsOf(server) },
                        },
                    },
                    ["containers"] = new[] { new Map { ["name"] = "pgbouncer", ["resources"] = PodResources.Bounds("100m", "128Mi", "500m", "256Mi") } },
                },
            },
        };
        return pooler;
    }

    /// <summary>The nightly base backup of a cluster.</summary>
    public static Map Backup(string cluster, Map labels)
    {
        var backup = KubernetesNames.Document("postgresql.cnpg.io/v1", "ScheduledBackup", cluster, labels);
        backup["spec"] = new Map
        {
            // Six fields: the first are seconds. Every day at 02:00; the log is shipped all the time.
            ["schedule"] = "0 0 2 * * *",
            ["cluster"] = new Map { ["name"] = cluster },
            ["method"] = "barmanObjectStore",
            ["target"] = "prefer-standby",
            ["immediate"] = true,
            ["backupOwnerReference"] = "self",
        };
        return backup;
    }
}
