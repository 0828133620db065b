using TalentSphere.AppHost.Kubernetes.Workloads;

namespace TalentSphere.AppHost.Kubernetes.Platform;

/// <summary>RabbitMQ by its operator: three nodes, so that a quorum queue outlives the loss of one. Queues and bindings are declared by the services, from their consumers.</summary>
internal sealed class RabbitMq : IManifestSection
{
    public IEnumerable<ManifestFile> Write(MeshModel mesh) => mesh.Servers.Where(s => s.Kind == ServerKind.RabbitMq).SelectMany(s => Write(mesh, s));

    private static IEnumerable<ManifestFile> Write(MeshModel mesh, Server server)
    {
        var folder = $"platform/{server.Name}";
        var labels = KubernetesNames.Labels(server.Name, "broker");
        var user = $"{server.Name}-user";
        var outside = KubernetesNames.Labels(server.Name, "broker");
        // The operator hands these on to the pods. Its nodes find each other by their own protocol, which a proxy would break.
        outside[KubernetesNames.InjectLabel] = "false";
        var cluster = KubernetesNames.Document("rabbitmq.com/v1beta1", "RabbitmqCluster", server.Name, outside);
        cluster["spec"] = new Map
        {
            ["replicas"] = 3,
            ["image"] = ServerImages.RabbitMq(server),
            ["secretBackend"] = new Map { ["externalSecret"] = new Map { ["name"] = user } },
            ["service"] = new Map { ["type"] = "ClusterIP" },
            ["persistence"] = new Map { ["storage"] = "20Gi" },
            ["resources"] = PodResources.Bounds("500m", "2Gi", "2", "2Gi"),
            ["terminationGracePeriodSeconds"] = 300,
            ["affinity"] = new Map
            {
                ["podAntiAffinity"] = new Map
                {
                    ["preferredDuringSchedulingIgnoredDuringExecution"] = new[]
                    {
                        new Map
                        {
                            ["weight"] = 100,
                            ["podAffinityTerm"] = new Map
                            {
                                ["topologyKey"] = "kubernetes.io/hostname",
                                ["labelSelector"] = new Map { ["matchLabels"] = KubernetesNames.PodsOf(server) },
                            },
                        },
                    },
                },
            },
            ["rabbitmq"] = new Map
            {
                ["additionalPlugins"] = new[] { "rabbitmq_prometheus" },
                ["additionalConfig"] = """
                    cluster_partition_handling = pause_minority
                    default_queue_type = quorum
                    queue_leader_locator = balanced
                    vm_memory_high_watermark.relative = 0.6
                    disk_free_limit.absolute = 2GB
                    quorum_queue.continuous_membership_reconciliation.enabled = true
                    quorum_queue.continuous_membership_reconciliation.target_group_size = 3
                    prometheus.return_per_object_metrics = true

                    """.ReplaceLineEndings("\n"),
            },
        };
        yield return new($"{folder}/rabbitmqcluster.yaml", cluster);

        // The operator wants the user as its own configuration file, and as keys for those who bind to it.
        yield return new($"{folder}/user.yaml", ExternalSecrets.Document(
            mesh, user, labels,
            [
                new("username", RabbitMqServerResource.User),
                new("password", ExternalSecrets.Hole(server.PasswordParameter)),
                new("default_user.conf", $"default_user = {RabbitMqServerResource.User}\ndefault_pass = {ExternalSecrets.Hole(server.PasswordParameter)}\n"),
                new("host", KubernetesNames.HostOf(server)),
                new("port", Invariant.Text(KubernetesNames.PortOf(server))),
                new("provider", "rabbitmq"),
                new("type", "rabbitmq"),
            ],
            [server.PasswordParameter], "Opaque"));

        var policy = KubernetesNames.Document("rabbitmq.com/v1beta1", "Policy", $"{server.Name}-quorum", labels);
        policy["spec"] = new Map
        {
            ["name"] = "quorum",
            ["vhost"] = "/",
            ["pattern"] = QueuePattern(mesh),
            ["applyTo"] = "quorum_queues",
            ["priority"] = 1,
            ["definition"] = new Map { ["target-group-size"] = 3 },
            ["rabbitmqClusterReference"] = new Map { ["name"] = server.Name },
        };
        yield return new($"{folder}/policy.yaml", policy) { Why = "A queue that was declared while a node was away gets its third member when the node is back." };

        var budget = WorkloadDisruption.Budget(server.Name, labels);
        budget["spec"] = new Map { ["maxUnavailable"] = 1, ["selector"] = new Map { ["matchLabels"] = KubernetesNames.PodsOf(server) } };
        yield return new($"{folder}/poddisruptionbudget.yaml", budget);
    }

    /// <summary>The services' queues and their dead letters, and nobody else's.</summary>
    private static string QueuePattern(MeshModel mesh)
    {
        var names = mesh.Workloads.Select(w => w.Queue).OfType<EventQueue>().SelectMany(q => new[] { q.Name, q.DeadLetterQueue }).Order(StringComparer.Ordinal);
        return $"^({string.Join('|', names.Select(n => n.Replace(".", "\\.", StringComparison.Ordinal)))})$";
    }
}
