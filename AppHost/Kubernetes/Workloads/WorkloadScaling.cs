namespace TalentSphere.AppHost.Kubernetes.Workloads;

/// <summary>
/// How many pods a workload has. Most follow their processor load (HorizontalPodAutoscaler). Those that work off a backlog of events follow the length of their
/// queue (KEDA ScaledObject, which makes the autoscaler itself: never both on one workload).
/// </summary>
internal sealed class WorkloadScaling : IManifestSection
{
    /// <summary>Consumers whose work is the queue: messages that one pod works off, and at most so many pods.</summary>
    private static readonly Dictionary<string, (int Messages, int MaxPods)> _byQueue = new(StringComparer.Ordinal)
    {
        ["gamification"] = (50, 15),
        ["notification"] = (100, 10),
    };

    public IEnumerable<ManifestFile> Write(MeshModel mesh) => mesh.Workloads.SelectMany(w => ByQueue(w) is { } rule ? ScaledObject(mesh, w, w.Queue!, rule) : [Autoscaler(w)]);

    /// <summary>The fewest pods of a workload.</summary>
    public static int Fewest => 2;

    /// <summary>Whether its queue scales it, and not its load.</summary>
    public static bool IsByQueue(Workload workload) => ByQueue(workload) is not null;

    private static (int Messages, int MaxPods)? ByQueue(Workload workload) =>
        workload.Queue is not null && _byQueue.TryGetValue(workload.Name, out var rule) ? rule : null;

    private static ManifestFile Autoscaler(Workload workload)
    {
        var (max, load) = workload.Kind == WorkloadKind.Gateway ? (20, 70) : (8, 75);
        var autoscaler = KubernetesNames.Document("autoscaling/v2", "HorizontalPodAutoscaler", workload.Name, KubernetesNames.Labels(workload));
        autoscaler["spec"] = new Map
        {
            ["scaleTargetRef"] = new Map { ["apiVersion"] = "apps/v1", ["kind"] = "Deployment", ["name"] = workload.Name },
            ["minReplicas"] = Fewest,
            ["maxReplicas"] = max,
            ["metrics"] = new[]
            {
                new Map
                {
                    ["type"] = "Resource",
                    ["resource"] = new Map { ["name"] = "cpu", ["target"] = new Map { ["type"] = "Utilization", ["averageUtilization"] = load } },
                },
            },
            ["behavior"] = Behaviour(),
        };
        return new($"base/{workload.Name}/horizontalpodautoscaler.yaml", autoscaler);
    }

    private static IEnumerable<ManifestFile> ScaledObject(MeshModel mesh, Workload workload, EventQueue queue, (int Messages, int MaxPods) rule)
    {
        var broker = mesh.Servers.Single(s => s.Kind == ServerKind.RabbitMq && workload.Servers.Contains(s.Name));
        var address = workload.SecretSettings.Single(s => s.Secrets.Contains(broker.PasswordParameter));
        var labels = KubernetesNames.Labels(workload);

        var authentication = KubernetesNames.Document("keda.sh/v1alpha1", "TriggerAuthentication", $"{workload.Name}-queue", labels);
        authentication["spec"] = new Map
        {
            ["secretTargetRef"] = new[] { new Map { ["parameter"] = "host", ["name"] = KubernetesNames.SecretOf(workload), ["key"] = address.Key } },
        };
        yield return new($"base/{workload.Name}/triggerauthentication.yaml", authentication);

        var scaled = KubernetesNames.Document("keda.sh/v1alpha1", "ScaledObject", workload.Name, labels);
        scaled["spec"] = new Map
        {
            ["scaleTargetRef"] = new Map { ["apiVersion"] = "apps/v1", ["kind"] = "Deployment", ["name"] = workload.Name },
            ["minReplicaCount"] = Fewest,
            ["maxReplicaCount"] = rule.MaxPods,
            ["pollingInterval"] = 15,
            ["cooldownPeriod"] = 300,
            ["advanced"] = new Map { ["horizontalPodAutoscalerConfig"] = new Map { ["behavior"] = Behaviour() } },
            ["triggers"] = new[]
            {
                new Map
                {
                    ["type"] = "rabbitmq",
                    ["metadata"] = new Map
                    {
                        ["protocol"] = "amqp",
                        ["queueName"] = queue.Name,
                        ["mode"] = "QueueLength",
                        ["value"] = Invariant.Text(rule.Messages),
                    },
                    ["authenticationRef"] = new Map { ["name"] = $"{workload.Name}-queue" },
                },
                new Map { ["type"] = "cpu", ["metricType"] = "Utilization", ["metadata"] = new Map { ["value"] = "75" } },
            },
        };
        yield return new($"base/{workload.Name}/scaledobject.yaml", scaled);
    }

    /// <summary>Up at once and by half as many again; down slowly, so that a pause between two waves costs no cold start.</summary>
    private static Map Behaviour() => new()
    {
        ["scaleUp"] = new Map
        {
            ["stabilizationWindowSeconds"] = 0,
            ["selectPolicy"] = "Max",
            ["policies"] = new[]
            {
                new Map { ["type"] = "Percent", ["value"] = 50, ["periodSeconds"] = 30 },
                new Map { ["type"] = "Pods", ["value"] = 2, ["periodSeconds"] = 30 },
            },
        },
        ["scaleDown"] = new Map
        {
            ["stabilizationWindowSeconds"] = 300,
            ["policies"] = new[] { new Map { ["type"] = "Pods", ["value"] = 1, ["periodSeconds"] = 60 } },
        },
    };
}
