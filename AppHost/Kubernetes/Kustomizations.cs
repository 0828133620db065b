namespace TalentSphere.AppHost.Kubernetes;

/// <summary>Derives each folder's <c>kustomization.yaml</c> from what is in it, so that no file is forgotten. A folder that brings its own keeps it.</summary>
internal static class Kustomizations
{
    public static Map Document(IEnumerable<string> resources) => new()
    {
        ["apiVersion"] = "kustomize.config.k8s.io/v1beta1",
        ["kind"] = "Kustomization",
        ["resources"] = resources.ToList(),
    };

    /// <summary>Every folder that holds resources, or folders that do.</summary>
    public static IReadOnlySet<string> Folders(IEnumerable<ManifestFile> files) => files.Where(f => f.IsResource).SelectMany(Above).ToHashSet(StringComparer.Ordinal);

    public static IEnumerable<ManifestFile> For(IReadOnlyCollection<ManifestFile> files)
    {
        var derived = files.Where(f => f.IsResource).ToList();
        var own = files.Where(f => f.IsKustomization).Select(f => f.Folder).ToHashSet(StringComparer.Ordinal);
        var folders = derived.SelectMany(Above).Distinct(StringComparer.Ordinal).Where(f => !own.Contains(f)).Order(StringComparer.Ordinal).ToList();
        foreach (var folder in folders)
        {
            var inside = derived.Where(f => f.Folder == folder).Select(f => f.Name);
            var below = derived.SelectMany(Above).Concat(own).Where(f => Parent(f) == folder).Select(f => f[(folder.Length + 1)..]);
            yield return new($"{folder}/kustomization.yaml", Document(inside.Concat(below).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)));
        }
    }

    private static List<string> Above(ManifestFile file)
    {
        var folders = new List<string>();
        for (var folder = file.Folder; folder.Length > 0; folder = Parent(folder))
            folders.Add(folder);
        return folders;
    }

    private static string Parent(string folder) => folder.Contains('/', StringComparison.Ordinal) ? folder[..folder.LastIndexOf('/')] : "";
}
