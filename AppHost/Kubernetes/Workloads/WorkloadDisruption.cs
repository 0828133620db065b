namespace TalentSphere.AppHost.Kubernetes.Workloads;

/// <summary>How many pods a node drain may take at once: one, and never one that is not ready yet and blocks the drain.</summary>
internal sealed class WorkloadDisruption : IManifestSection
{
    public IEnumerable<ManifestFile> Write(MeshModel mesh) =>
        mesh.Workloads.Select(w => new ManifestFile($"base/{w.Name}/poddisruptionbudget.yaml", Budget(w.Name, KubernetesNames.Labels(w))));

    public static Map Budget(string name, Map labels)
    {
        var budget = KubernetesNames.Document("policy/v1", "PodDisruptionBudget", name, labels);
        budget["spec"] = new Map
        {
            ["maxUnavailable"] = 1,
            ["unhealthyPodEvictionPolicy"] = "AlwaysAllow",
            ["selector"] = new Map { ["matchLabels"] = KubernetesNames.Selector(name) },
        };
        return budget;
    }
}
