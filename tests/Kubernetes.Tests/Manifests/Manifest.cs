using System.Text.Json.Nodes;

namespace TalentSphere.Kubernetes.Tests.Manifests;

/// <summary>One resource as a cluster would get it.</summary>
internal sealed record Manifest(JsonObject Body)
{
    public string ApiVersion => Body.Text("apiVersion") ?? "";

    public string Group => ApiVersion.Contains('/') ? ApiVersion[..ApiVersion.IndexOf('/')] : "";

    public string Version => ApiVersion[(ApiVersion.IndexOf('/') + 1)..];

    public string Kind => Body.Text("kind") ?? "";

    public string Name => Body.Text("metadata", "name") ?? "";

    public string? Namespace => Body.Text("metadata", "namespace");

    /// <summary>How findings and people name it.</summary>
    public string Id => $"{Kind}/{Name}";

    public JsonObject? Spec => Body.At("spec") as JsonObject;

    public IReadOnlyDictionary<string, string> Labels => Body.Map("metadata", "labels");

    /// <summary>What a workload's pods are made from, at whatever depth its kind keeps it; null for other kinds.</summary>
    public JsonObject? PodTemplate => Kind switch
    {
        "Deployment" or "StatefulSet" or "DaemonSet" or "Job" => Body.At("spec", "template"),
        "CronJob" => Body.At("spec", "jobTemplate", "spec", "template"),
        _ => null,
    } as JsonObject;

    /// <summary>Where in the document the pods' specification stands.</summary>
    public string PodSpecPath => Kind == "CronJob" ? "spec.jobTemplate.spec.template.spec" : "spec.template.spec";

    public JsonObject? PodSpec => PodTemplate?.At("spec") as JsonObject;

    public IReadOnlyDictionary<string, string> PodLabels => PodTemplate?.Map("metadata", "labels") ?? new Dictionary<string, string>();

    /// <summary>Containers that run beside each other, each with its place.</summary>
    public IEnumerable<(JsonObject Container, string Path)> Containers => ContainersIn("containers");

    /// <summary>Those and the ones that run before them.</summary>
    public IEnumerable<(JsonObject Container, string Path)> AllContainers => ContainersIn("initContainers").Concat(ContainersIn("containers"));

    private IEnumerable<(JsonObject Container, string Path)> ContainersIn(string list) =>
        (PodSpec?.List(list) ?? []).Select((c, i) => (c, $"{PodSpecPath}.{list}[{i}]"));
}

/// <summary>Reading trees whose branches may be missing.</summary>
internal static class JsonTrees
{
    /// <summary>What stands at a path, or null.</summary>
    public static JsonNode? At(this JsonNode? node, params ReadOnlySpan<string> path)
    {
        foreach (var step in path)
        {
            node = node switch
            {
                JsonObject fields => fields[step],
                JsonArray items when int.TryParse(step, out var index) && index < items.Count => items[index],
                _ => null,
            };
        }
        return node;
    }

    /// <summary>The string, number or truth at a path as text, or null.</summary>
    public static string? Text(this JsonNode? node, params ReadOnlySpan<string> path) => node.At(path) is JsonValue value ? value.ToString() : null;

    /// <summary>The objects of a list, none where there is no list.</summary>
    public static IReadOnlyList<JsonObject> List(this JsonNode? node, params ReadOnlySpan<string> path) =>
        node.At(path) is JsonArray items ? [.. items.OfType<JsonObject>()] : [];

    /// <summary>The texts of a list, none where there is no list.</summary>
    public static IReadOnlyList<string> Texts(this JsonNode? node, params ReadOnlySpan<string> path) =>
        node.At(path) is JsonArray items ? [.. items.OfType<JsonValue>().Select(v => v.ToString())] : [];

    /// <summary>An object's fields as texts, none where there is no object.</summary>
    public static IReadOnlyDictionary<string, string> Map(this JsonNode? node, params ReadOnlySpan<string> path) =>
        node.At(path) is JsonObject fields ? fields.ToDictionary(f => f.Key, f => f.Value?.ToString() ?? "") : new Dictionary<string, string>();

    /// <summary>Every text with its place, depth first.</summary>
    public static IEnumerable<(string Path, string Text)> Strings(this JsonNode? node, string path = "") => node switch
    {
        JsonObject fields => fields.SelectMany(f => f.Value.Strings(path.Length == 0 ? f.Key : $"{path}.{f.Key}")),
        JsonArray items => items.SelectMany((item, i) => item.Strings($"{path}[{i}]")),
        JsonValue value when value.GetValueKind() == System.Text.Json.JsonValueKind.String => [(path, value.ToString())],
        _ => [],
    };
}
