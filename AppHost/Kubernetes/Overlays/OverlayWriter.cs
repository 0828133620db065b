using System.Reflection;

namespace TalentSphere.AppHost.Kubernetes.Overlays;

/// <summary>What every overlay has: its resources, the tag of each image, its parameters, its patches.</summary>
internal static class OverlayWriter
{
    /// <summary>The release that is built together with these manifests; <c>kustomize edit set image</c> chooses another.</summary>
    public static string Tag { get; } = typeof(OverlayWriter).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    public static ManifestFile Kustomization(string name, IEnumerable<string> resources, IEnumerable<Map> patches, IEnumerable<Map>? images = null, string? why = null)
    {
        var kustomization = Kustomizations.Document(resources);
        kustomization["images"] = images?.ToList();
        kustomization["patches"] = patches.ToList() is { Count: > 0 } some ? some : null;
        return new($"overlays/{name}/kustomization.yaml", kustomization) { Why = why };
    }

    public static IEnumerable<Map> Images(MeshModel mesh) => mesh.Workloads.Select(w => new Map { ["name"] = KubernetesNames.ImageOf(w), ["newTag"] = Tag });

    /// <summary>The parameters as a resource of the overlay, and the patch that lets pods notice.</summary>
    public static IEnumerable<ManifestFile> Parameters(MeshModel mesh, string name, string host)
    {
        yield return new($"overlays/{name}/parameters.yaml", OverlayParameters.ConfigMap(mesh, host));
        yield return new($"overlays/{name}/roll-out.yaml", OverlayParameters.RollOut(mesh, host)) { IsPart = true };
    }
}
