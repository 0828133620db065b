namespace TalentSphere.AppHost.Kubernetes.Workloads;

/// <summary>A ServiceAccount each: the identity that meshes and policies name. Its token is mounted nowhere; no workload asks the API server.</summary>
internal sealed class WorkloadAccounts : IManifestSection
{
    public IEnumerable<ManifestFile> Write(MeshModel mesh) => mesh.Workloads.Select(workload =>
    {
        var account = KubernetesNames.Document("v1", "ServiceAccount", workload.Name, KubernetesNames.Labels(workload));
        account["automountServiceAccountToken"] = false;
        return new ManifestFile($"base/{workload.Name}/serviceaccount.yaml", account);
    });
}
