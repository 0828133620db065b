using TalentSphere.AppHost.Kubernetes.Chaos;
using TalentSphere.AppHost.Kubernetes.Guide;
using TalentSphere.AppHost.Kubernetes.Nodes;
using TalentSphere.AppHost.Kubernetes.Observability;
using TalentSphere.AppHost.Kubernetes.Overlays;
using TalentSphere.AppHost.Kubernetes.Platform;
using TalentSphere.AppHost.Kubernetes.Policy;
using TalentSphere.AppHost.Kubernetes.Workloads;

namespace TalentSphere.AppHost.Kubernetes;

/// <summary>The one list of what a deployment is made of. A new concern is a class and a line here.</summary>
internal static class Sections
{
    public static IReadOnlyList<IManifestSection> All { get; } =
    [
        // One per concern of a workload.
        new WorkloadAccounts(),
        new WorkloadConfiguration(),
        new WorkloadSecrets(),
        new WorkloadDeployments(),
        new WorkloadServices(),
        new WorkloadDisruption(),
        new WorkloadScaling(),
        // Who may do what.
        new NetworkPolicies(),
        new IstioPolicies(),
        new PublicEdge(),
        new KyvernoPolicies(),
        // What is seen of it, and what is tried on it.
        new Monitors(),
        new AlertRules(),
        new Dashboards(),
        new Collector(),
        new ObservabilityNetwork(),
        new Experiments(),
        new OperationsGuide(),
        // What the workloads stand on.
        new ClusterNamespace(),
        new BoxNodes(),
        new VaultStore(),
        new Postgres(),
        new RabbitMq(),
        new Redis(),
        new Migrations(),
        new Backup(),
    ];

    /// <summary>The deployments that are made of those.</summary>
    public static IReadOnlyList<IOverlay> Overlays { get; } = [new DevOverlay(), new ProductionOverlay(), new RegionOverlays(), new IngressOverlay(), new CitusOverlay()];

    /// <summary>Every file of a deployment, with the <c>kustomization.yaml</c> of each folder, sorted by path.</summary>
    public static IReadOnlyList<ManifestFile> Write(MeshModel mesh)
    {
        var files = All.SelectMany(s => s.Write(mesh)).ToList();
        var folders = Kustomizations.Folders(files);
        files.AddRange(Kustomizations.For(files));
        files.Add(Compose.ComposeFile.Write(mesh));
        files.AddRange(Overlays.SelectMany(o => o.Write(mesh, folders)));
        if (files.GroupBy(f => f.Path, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1) is { } twice)
            throw new InvalidOperationException($"Two sections write {twice.Key}.");
        return [.. files.OrderBy(f => f.Path, StringComparer.Ordinal)];
    }
}
