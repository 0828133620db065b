namespace TalentSphere.AppHost.Kubernetes.Workloads;

/// <summary>The name under which the others find a workload.</summary>
internal sealed class WorkloadServices : IManifestSection
{
    public IEnumerable<ManifestFile> Write(MeshModel mesh) => mesh.Workloads.Select(workload =>
    {
        var service = KubernetesNames.Document("v1", "Service", workload.Name, KubernetesNames.Labels(workload));
        service["spec"] = new Map
        {
            ["type"] = "ClusterIP",
            ["selector"] = KubernetesNames.Selector(workload.Name),
            ["ports"] = new[]
            {
                new Map
                {
                    ["name"] = KubernetesNames.PortName,
                    ["port"] = KubernetesNames.ServicePort,
                    ["targetPort"] = KubernetesNames.PortName,
                    ["protocol"] = "TCP",
                    ["appProtocol"] = "http",
                },
            },
        };
        return new ManifestFile($"base/{workload.Name}/service.yaml", service);
    });
}
