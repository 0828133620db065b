#pragma warning disable ASPIREPROBES001 // Probes are what the manifests are made of.
using TalentSphere.AppHost.Kubernetes.Policy;

namespace TalentSphere.AppHost.Kubernetes.Workloads;

/// <summary>The Deployment of each workload. How many pods there are is the scaler's business, so it names no replicas.</summary>
internal sealed class WorkloadDeployments : IManifestSection
{
    public IEnumerable<ManifestFile> Write(MeshModel mesh) => mesh.Workloads.Select(w => new ManifestFile($"base/{w.Name}/deployment.yaml", Deployment(mesh, w)));

    private static Map Deployment(MeshModel mesh, Workload workload)
    {
        var labels = KubernetesNames.Labels(workload);
        var deployment = KubernetesNames.Document("apps/v1", "Deployment", workload.Name, labels);
        deployment["spec"] = new Map
        {
            ["revisionHistoryLimit"] = 5,
            ["progressDeadlineSeconds"] = 300,
            ["strategy"] = new Map { ["type"] = "RollingUpdate", ["rollingUpdate"] = new Map { ["maxUnavailable"] = 0, ["maxSurge"] = 1 } },
            ["selector"] = new Map { ["matchLabels"] = KubernetesNames.Selector(workload.Name) },
            ["template"] = new Map
            {
                ["metadata"] = new Map
                {
                    ["labels"] = PodLabels(workload),
                    ["annotations"] = new Map { [WorkloadConfiguration.HashAnnotation] = WorkloadConfiguration.Hash(WorkloadConfiguration.Data(mesh, workload)) },
                },
                ["spec"] = Pod(workload),
            },
        };
        return deployment;
    }

    /// <summary>Its own labels, that the service mesh takes part in it, and which release it is of.</summary>
    private static Map PodLabels(Workload workload)
    {
        var labels = KubernetesNames.Labels(workload);
        labels[KubernetesNames.InjectLabel] = "true";
        labels[IstioPolicies.TrackLabel] = "stable";
        return labels;
    }

    private static Map Pod(Workload workload) => new()
    {
        ["serviceAccountName"] = workload.Name,
        ["automountServiceAccountToken"] = false,
        ["enableServiceLinks"] = false,
        ["hostUsers"] = workload.RunsStrangersPrograms ? false : null,
        ["runtimeClassName"] = workload.RunsStrangersPrograms ? PodHardening.BoxRuntime : null,
        ["terminationGracePeriodSeconds"] = Draining.GracePeriod(workload),
        ["securityContext"] = PodHardening.Pod(),
        ["topologySpreadConstraints"] = PodSpread.Constraints(workload.Name),
        ["containers"] = new[] { Container(workload) },
        ["volumes"] = WorkloadVolumes.Volumes(workload),
    };

    private static Map Container(Workload workload) => new()
    {
        ["name"] = workload.Name,
        ["image"] = KubernetesNames.ImageOf(workload),
        ["imagePullPolicy"] = "IfNotPresent",
        ["ports"] = new[] { new Map { ["name"] = KubernetesNames.PortName, ["containerPort"] = KubernetesNames.Port, ["protocol"] = "TCP" } },
        ["envFrom"] = new[] { new Map { ["configMapRef"] = new Map { ["name"] = KubernetesNames.ConfigOf(workload) } } },
        ["env"] = WorkloadConfiguration.FromParameters(workload).Concat(Identity()),
        ["resources"] = PodResources.Of(workload),
        ["startupProbe"] = WorkloadProbes.Of(workload, ProbeType.Startup),
        ["readinessProbe"] = WorkloadProbes.Of(workload, ProbeType.Readiness),
        ["livenessProbe"] = WorkloadProbes.Of(workload, ProbeType.Liveness),
        ["lifecycle"] = new Map { ["preStop"] = new Map { ["sleep"] = new Map { ["seconds"] = (int)Draining.PreStop.TotalSeconds } } },
        ["securityContext"] = PodHardening.Container(workload),
        ["volumeMounts"] = WorkloadVolumes.Mounts(workload),
    };

    private static IEnumerable<Map> Identity()
    {
        yield return new() { ["name"] = "POD_NAME", ["valueFrom"] = new Map { ["fieldRef"] = new Map { ["fieldPath"] = "metadata.name" } } };
        yield return new()
        {
            ["name"] = "OTEL_RESOURCE_ATTRIBUTES",
            ["value"] = $"service.namespace={KubernetesNames.Namespace},service.instance.id=$(POD_NAME),k8s.namespace.name={KubernetesNames.Namespace},k8s.pod.name=$(POD_NAME)",
        };
    }
}
