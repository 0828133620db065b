using System.Text.Json.Nodes;

namespace TalentSphere.Kubernetes.Tests.Rendering;

/// <summary>
/// Exactly what our overlays use of kustomize: resources, components, strategic-merge and JSON patches, images, replicas, labels and namespace. Anything else in
/// a kustomization is refused, and so is a patch that changes nothing, which kustomize passes over.
/// </summary>
internal static class Kustomization
{
    private static readonly HashSet<string> _known = ["apiVersion", "kind", "namespace", "resources", "components", "patches", "images", "replicas", "labels", "commonAnnotations"];

    /// <summary>Lists of objects that merge by one of their fields, where the field's name alone says so in the kinds that we patch.</summary>
    private static readonly Dictionary<string, string> _mergeKeys = new()
    {
        ["containers"] = "name",
        ["initContainers"] = "name",
        ["env"] = "name",
        ["volumes"] = "name",
        ["volumeMounts"] = "mountPath",
        ["topologySpreadConstraints"] = "topologyKey",
    };

    private static readonly HashSet<string> _clusterScoped =
    [
        "Namespace", "ClusterPolicy", "ClusterIssuer", "ClusterRole", "ClusterRoleBinding", "CustomResourceDefinition", "PersistentVolume", "StorageClass", "PriorityClass",
        "ValidatingPolicy", "RuntimeClass",
    ];

    /// <summary>The resources of a folder, in the order in which they are named.</summary>
    /// <exception cref="NotSupportedException">The kustomization uses what is not known here.</exception>
    /// <exception cref="InvalidDataException">A patch matches nothing, or a file is not there.</exception>
    public static IReadOnlyList<Manifest> Render(string folder)
    {
        var resources = new List<JsonObject>();
        Accumulate(folder, resources);
        return [.. resources.Select(r => new Manifest(r))];
    }

    private static void Accumulate(string folder, List<JsonObject> resources)
    {
        var file = Path.Combine(folder, "kustomization.yaml");
        var kustomization = Yaml.Read(File.ReadAllText(file)).Single().AsObject();
        if (kustomization.FirstOrDefault(f => !_known.Contains(f.Key)).Key is { } unknown)
            throw new NotSupportedException($"{file}: '{unknown}' is not rendered here.");
        var own = kustomization.Text("kind") == "Component" ? resources : [];
        foreach (var path in kustomization.Texts("resources").Select(r => Path.Combine(folder, r)))
        {
            if (Directory.Exists(path))
                Accumulate(Path.GetFullPath(path), own);
            else if (File.Exists(path))
                own.AddRange(Yaml.Read(File.ReadAllText(path)).Select(d => d.AsObject()));
            else
                throw new InvalidDataException($"{file}: {path} is not there.");
        }
        foreach (var component in kustomization.Texts("components"))
            Accumulate(Path.GetFullPath(Path.Combine(folder, component)), own);
        foreach (var patch in kustomization.List("patches"))
            Patch(own, patch, folder, file);
        foreach (var image in kustomization.List("images"))
            SetImage(own, image);
        foreach (var replicas in kustomization.List("replicas"))
            Named(own, replicas.Text("name")!).Single(r => r["spec"]?["replicas"] is not null || r.Text("kind") is "Deployment" or "StatefulSet")["spec"]!["replicas"] = replicas["count"]!.DeepClone();
        foreach (var labels in kustomization.List("labels"))
            AddLabels(own, labels);
        if (kustomization.Text("namespace") is { } space)
            SetNamespace(own, space);
        foreach (var (name, value) in kustomization.Map("commonAnnotations"))
            own.ForEach(r => Object(Object(r, "metadata"), "annotations")[name] = value);
        if (own != resources)
            resources.AddRange(own);
        var twice = resources.GroupBy(r => (r.Text("apiVersion"), r.Text("kind"), r.Text("metadata", "namespace"), r.Text("metadata", "name"))).FirstOrDefault(g => g.Count() > 1);
        if (twice is not null)
            throw new InvalidDataException($"{file}: {twice.Key} is there {twice.Count()} times.");
    }

    private static IEnumerable<JsonObject> Named(List<JsonObject> resources, string name) => resources.Where(r => r.Text("metadata", "name") == name);

    private static void Patch(List<JsonObject> resources, JsonObject entry, string folder, string file)
    {
        var text = entry.Text("patch") ?? File.ReadAllText(Path.Combine(folder, entry.Text("path")!));
        foreach (var patch in Yaml.Read(text))
        {
            var like = entry["target"] as JsonObject ?? new JsonObject
            {
                ["kind"] = patch.Text("kind"),
                ["name"] = patch.Text("metadata", "name"),
            };
            var targets = resources.FindAll(r => Matches(r, like));
            if (targets.Count == 0)
                throw new InvalidDataException($"{file}: a patch for {like.ToJsonString()} matches nothing.");
            foreach (var target in targets)
            {
                if (patch is JsonArray operations)
                {
                    foreach (var operation in operations)
                        Operate(target, operation!.AsObject(), file);
                }
                else if (patch.Text("$patch") == "delete")
                    resources.Remove(target);
                else
                    MergeInto(target, patch.AsObject());
            }
        }
    }

    private static bool Matches(JsonObject resource, JsonObject target)
    {
        bool Is(string? wanted, string? actual) => wanted is null || System.Text.RegularExpressions.Regex.IsMatch(actual ?? "", $"^({wanted})$");
        var manifest = new Manifest(resource);
        return Is(target.Text("kind"), manifest.Kind) && Is(target.Text("name"), manifest.Name) && Is(target.Text("group"), manifest.Group) && Is(target.Text("version"), manifest.Version)
            && (target.Text("labelSelector") is not { } labels || labels.Split(',').All(l => LabelHolds(l, manifest.Labels)));
    }

    private static bool LabelHolds(string requirement, IReadOnlyDictionary<string, string> labels) => requirement.Split('=', 2) is [var name, var value]
        ? labels.GetValueOrDefault(name.Trim()) == value.Trim()
        : throw new NotSupportedException($"The selector '{requirement}' is not rendered here.");

    private static void Operate(JsonObject target, JsonObject operation, string file)
    {
        string[] path = [.. operation.Text("path")!.Split('/')[1..].Select(p => p.Replace("~1", "/").Replace("~0", "~"))];
        var parent = target.At(path[..^1]) ?? throw new InvalidDataException($"{file}: {operation.ToJsonString()} has no place.");
        var last = path[^1];
        var value = operation["value"]?.DeepClone();
        switch (operation.Text("op"), parent)
        {
            case ("add", JsonArray items) when last == "-":
                items.Add(value);
                break;
            case ("add", JsonArray items):
                items.Insert(int.Parse(last), value);
                break;
            case ("add", JsonObject fields):
                fields[last] = value;
                break;
            case ("replace", JsonObject fields) when fields.ContainsKey(last):
                fields[last] = value;
                break;
            case ("replace", JsonArray items):
                items[int.Parse(last)] = value;
                break;
            case ("remove", JsonObject fields) when fields.Remove(last):
                break;
            case ("remove", JsonArray items):
                items.RemoveAt(int.Parse(last));
                break;
            default:
                throw new InvalidDataException($"{file}: {operation.ToJsonString()} cannot be done.");
        }
    }

    /// <summary>What it is called and what it is stays, whatever the patch is called.</summary>
    private static void MergeInto(JsonObject target, JsonObject patch)
    {
        var changes = patch.DeepClone().AsObject();
        changes.Remove("apiVersion");
        changes.Remove("kind");
        if (changes["metadata"] is JsonObject metadata)
        {
            metadata.Remove("name");
            metadata.Remove("namespace");
        }
        Merge(target, changes);
    }

    private static void Merge(JsonObject target, JsonObject patch)
    {
        foreach (var (name, value) in patch.Where(p => p.Key != "$patch"))
        {
            if (value is null)
                target.Remove(name);
            else if (value is JsonObject fields && target[name] is JsonObject existing)
            {
                if (fields.Text("$patch") == "replace")
                    target[name] = new JsonObject(fields.Where(f => f.Key != "$patch").Select(f => KeyValuePair.Create(f.Key, f.Value?.DeepClone())));
                else
                    Merge(existing, fields);
            }
            else if (value is JsonArray items && target[name] is JsonArray list && _mergeKeys.TryGetValue(name, out var key) && items.All(i => i is JsonObject o && o.ContainsKey(key)))
            {
                foreach (var item in items.Select(i => i!.AsObject()))
                {
                    var same = list.OfType<JsonObject>().FirstOrDefault(i => i.Text(key) == item.Text(key));
                    if (item.Text("$patch") == "delete")
                        list.Remove(same);
                    else if (same is null)
                        list.Insert(0, item.DeepClone());
                    else
                        Merge(same, item);
                }
            }
            else
                target[name] = value.DeepClone();
        }
    }

    private static void SetImage(List<JsonObject> resources, JsonObject image)
    {
        foreach (var (container, _) in resources.SelectMany(r => new Manifest(r).AllContainers))
        {
            var current = container.Text("image") ?? "";
            var slash = current.LastIndexOf('/');
            var end = current.IndexOfAny(['@', ':'], slash + 1);
            var name = end < 0 ? current : current[..end];
            if (name != image.Text("name"))
                continue;
            var suffix = image.Text("digest") is { } digest ? $"@{digest}" : image.Text("newTag") is { } tag ? $":{tag}" : end < 0 ? "" : current[end..];
            container["image"] = (image.Text("newName") ?? name) + suffix;
        }
    }

    private static void AddLabels(List<JsonObject> resources, JsonObject entry)
    {
        if (entry.Text("includeSelectors") == "true")
            throw new NotSupportedException("Labels in selectors are not rendered here.");
        foreach (var resource in resources)
        {
            foreach (var (name, value) in entry.Map("pairs"))
            {
                Object(Object(resource, "metadata"), "labels")[name] = value;
                if (entry.Text("includeTemplates") == "true" && new Manifest(resource).PodTemplate is { } template)
                    Object(Object(template, "metadata"), "labels")[name] = value;
            }
        }
    }

    private static void SetNamespace(List<JsonObject> resources, string space)
    {
        foreach (var resource in resources)
        {
            if (resource.Text("kind") == "Namespace")
                resource["metadata"]!["name"] = space;
            else if (!_clusterScoped.Contains(resource.Text("kind")!))
                Object(resource, "metadata")["namespace"] = space;
            foreach (var subject in resource.List("subjects").Where(s => s.Text("kind") == "ServiceAccount" && s.ContainsKey("namespace")))
                subject["namespace"] = space;
        }
    }

    private static JsonObject Object(JsonObject parent, string field)
    {
        if (parent[field] is not JsonObject child)
            parent[field] = child = [];
        return child;
    }
}
