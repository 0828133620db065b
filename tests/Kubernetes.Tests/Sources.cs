namespace TalentSphere.Kubernetes.Tests;

/// <summary>Which committed file a resource comes from, so that a finding over what was rendered leads to a place.</summary>
internal static class Sources
{
    private static readonly Lazy<ILookup<string, string>> _files = new(() => Checkout.FilesOf(Checkout.Manifests)
        .Where(f => f.EndsWith(".yaml", StringComparison.Ordinal) && f.Split('/')[0] is not "compose" && !f.EndsWith("/kustomization.yaml", StringComparison.Ordinal))
        .SelectMany(f => Yaml.Read(File.ReadAllText(Path.Combine(Checkout.Manifests, f))).Select(d => (File: f, new Manifest(d.AsObject()).Id)))
        .ToLookup(f => f.Id, f => f.File));

    /// <summary>The file of a resource, by kind and name; nothing for what no file has.</summary>
    public static string FileOf(string resource) => string.Join(", ", _files.Value[resource].Select(f => $"k8s/{f}"));
}
