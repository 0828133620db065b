using TalentSphere.AppHost.Kubernetes.Workloads;

namespace TalentSphere.AppHost.Kubernetes.Platform;

/// <summary>
/// A Job for each service that owns a database: brings its schema up to date and ends. Services of the new release wait at start until it has; those of the old one
/// go on with it, as migrations only add.
/// </summary>
internal sealed class Migrations : IManifestSection
{
    public const string Component = "migration";

    public static string NameOf(Workload workload) => $"{workload.Name}-migration";

    public IEnumerable<ManifestFile> Write(MeshModel mesh) =>
        mesh.Workloads.Where(w => w.Database is not null).Select(w => new ManifestFile($"platform/migrations/{w.Name}.yaml", Job(w))
        {
            Why = "A Job's template cannot be changed: delete the last release's Job before applying the next, as the guide says. Argo CD does so by itself.",
        });

    private static Map Job(Workload workload) => Job(
        NameOf(workload), workload.Name,
        new Map
        {
            ["name"] = Component,
            ["image"] = KubernetesNames.ImageOf(workload),
            ["imagePullPolicy"] = "IfNotPresent",
            ["args"] = new[] { "--migrate" },
            ["envFrom"] = new[] { new Map { ["configMapRef"] = new Map { ["name"] = KubernetesNames.ConfigOf(workload) } } },
            ["env"] = WorkloadConfiguration.FromParameters(workload),
            ["resources"] = PodResources.Bounds("250m", "256Mi", "500m", "512Mi"),
            ["securityContext"] = PodHardening.Container(),
            ["volumeMounts"] = WorkloadVolumes.Mounts(workload),
        },
        WorkloadVolumes.Volumes(workload));

    /// <summary>A Job that does one thing to a database before the services need it, and tries again until it is done.</summary>
    /// <param name="name">The Job's name.</param>
    /// <param name="account">The service account that it runs as.</param>
    /// <param name="container">What it runs.</param>
    /// <param name="volumes">The pod's volumes.</param>
    public static Map Job(string name, string account, Map container, object volumes)
    {
        var inside = KubernetesNames.Labels(name, Component);
        inside[KubernetesNames.InjectLabel] = "false";
        var job = KubernetesNames.Document("batch/v1", "Job", name, KubernetesNames.Labels(name, Component), new Map
        {
            ["argocd.argoproj.io/sync-options"] = "Force=true,Replace=true",
        });
        job["spec"] = new Map
        {
            ["backoffLimit"] = 10,
            ["activeDeadlineSeconds"] = 1800,
            ["ttlSecondsAfterFinished"] = 86400,
            ["template"] = new Map
            {
                ["metadata"] = new Map { ["labels"] = inside },
                ["spec"] = new Map
                {
                    ["restartPolicy"] = "OnFailure",
                    ["serviceAccountName"] = account,
                    ["automountServiceAccountToken"] = false,
                    ["enableServiceLinks"] = false,
                    ["securityContext"] = PodHardening.Pod(),
                    ["containers"] = new[] { container },
                    ["volumes"] = volumes,
                },
            },
        };
        return job;
    }
}
