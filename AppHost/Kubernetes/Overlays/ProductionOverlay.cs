namespace TalentSphere.AppHost.Kubernetes.Overlays;

/// <summary>Everything but the experiments: one region, as it stands in a review.</summary>
internal sealed class ProductionOverlay : IOverlay
{
    public const string Name = "prod";
    public const string Host = "talentsphere.example";

    public IEnumerable<ManifestFile> Write(MeshModel mesh, IReadOnlySet<string> folders)
    {
        foreach (var file in OverlayWriter.Parameters(mesh, Name, Host))
            yield return file;
        var parts = new[] { "base", "platform", "policy", "observability" }.Where(folders.Contains).Select(f => $"../../{f}");
        yield return OverlayWriter.Kustomization(Name, [.. parts, "parameters.yaml"], [Patches.Merge("Deployment", "roll-out.yaml")], OverlayWriter.Images(mesh));
    }
}
