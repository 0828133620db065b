namespace TalentSphere.AppHost.Kubernetes.Overlays;

/// <summary>A small cluster for trying things: one of everything, sample content, no backups, and nothing that needs more operators than the servers do.</summary>
internal sealed class DevOverlay : IOverlay
{
    private const string _name = "dev";

    public IEnumerable<ManifestFile> Write(MeshModel mesh, IReadOnlySet<string> folders)
    {
        var network = folders.Contains("policy/network") ? new[] { "../../policy/network" } : [];
        foreach (var file in OverlayWriter.Parameters(mesh, _name, "talentsphere.localhost"))
            yield return file;
        var one = new List<Map>
        {
            Patches.Merge("Deployment", "roll-out.yaml"),
            Patches.Change("HorizontalPodAutoscaler", null, ("replace", "/spec/minReplicas", 1), ("replace", "/spec/maxReplicas", 2)),
            Patches.Change("ScaledObject", null, ("replace", "/spec/minReplicaCount", 1), ("replace", "/spec/maxReplicaCount", 2)),
            Patches.Change("Cluster", null, ("replace", "/spec/instances", 1), ("remove", "/spec/postgresql/synchronous", null), ("remove", "/spec/backup", null),
                ("replace", "/spec/resources/requests", new Map { ["cpu"] = "250m", ["memory"] = "2Gi" }), ("replace", "/spec/resources/limits", new Map { ["cpu"] = "1", ["memory"] = "2Gi" }),
                ("replace", "/spec/storage/size", "5Gi"), ("replace", "/spec/walStorage/size", "2Gi")),
            Patches.Change("Pooler", null, ("replace", "/spec/instances", 1)),
            Patches.Change("RabbitmqCluster", null, ("replace", "/spec/replicas", 1), ("replace", "/spec/persistence/storage", "2Gi")),
            Patches.Change("StatefulSet", "redis", ("replace", "/spec/replicas", 1)),
            Patches.Change("CronJob", "backup", ("add", "/spec/suspend", true)),
            Patches.Remove("ScheduledBackup"),
            Patches.Remove("Schedule"),
            Patches.Remove("ExternalSecret", Platform.BackupStore.Secret),
        };
        one.AddRange(mesh.Workloads.Where(w => w.Kind == WorkloadKind.Service)
            .Select(w => Patches.Change("ConfigMap", KubernetesNames.ConfigOf(w), ("add", "/data/SampleContent__Load", "true"))));
        yield return OverlayWriter.Kustomization(_name, ["../../base", "../../platform", .. network, "parameters.yaml"], one, OverlayWriter.Images(mesh));
    }
}
