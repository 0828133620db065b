namespace TalentSphere.AppHost.Kubernetes.Overlays;

/// <summary>Writes entries of a kustomization's <c>patches</c>.</summary>
internal static class Patches
{
    /// <summary>Changes single values (RFC 6902) of every document that <paramref name="kind"/> and <paramref name="name"/> choose.</summary>
    public static Map Change(string kind, string? name, params (string Operation, string Path, object? Value)[] changes)
    {
        var lines = changes.Select(c =>
        {
            var change = new Map { ["op"] = c.Operation, ["path"] = c.Path, ["value"] = c.Value };
            var text = ManifestWriter.Write([change]);
            return "- " + string.Join("\n  ", text.TrimEnd('\n').Split('\n')) + "\n";
        });
        return new() { ["target"] = new Map { ["kind"] = kind, ["name"] = name }, ["patch"] = string.Concat(lines) };
    }

    /// <summary>Takes documents out.</summary>
    public static Map Remove(string kind, string? name = null) => new()
    {
        ["target"] = new Map { ["kind"] = kind, ["name"] = name },
        ["patch"] = $"$patch: delete\napiVersion: any/v1\nkind: {kind}\nmetadata:\n  name: any\n",
    };

    /// <summary>Takes out whatever has a label.</summary>
    public static Map RemoveLabelled(string label, string value) => new()
    {
        ["target"] = new Map { ["labelSelector"] = $"{label}={value}" },
        ["patch"] = "$patch: delete\napiVersion: any/v1\nkind: Any\nmetadata:\n  name: any\n",
    };

    /// <summary>Merges a file of the overlay into every document of a kind.</summary>
    public static Map Merge(string kind, string file) => new() { ["path"] = file, ["target"] = new Map { ["kind"] = kind } };

    /// <summary>Merges a file of the overlay into the document that it names.</summary>
    public static Map Merge(string file) => new() { ["path"] = file };
}
