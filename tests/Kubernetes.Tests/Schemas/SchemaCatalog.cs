using System.Text.Json.Nodes;

namespace TalentSphere.Kubernetes.Tests.Schemas;

/// <summary>The published schemas: one release of Kubernetes and the custom resources that the manifests use.</summary>
internal sealed class SchemaCatalog
{
    /// <summary>The kinds of the custom resources: a schema's file name has them in lower case only.</summary>
    private static readonly string[] _customKinds =
    [
        "AuthorizationPolicy", "Binding", "Certificate", "Cluster", "ClusterIssuer", "ClusterPolicy", "DestinationRule", "Exchange", "ExternalSecret", "Gateway",
        "GrafanaDashboard", "HTTPRoute", "OpenTelemetryCollector", "PeerAuthentication", "PodMonitor", "Policy", "Pooler", "PrometheusRule", "Queue", "RabbitmqCluster",
        "RequestAuthentication", "Rollout", "Schedule", "ScheduledBackup", "ScaledObject", "SecretStore", "ServiceMonitor", "Telemetry", "TriggerAuthentication",
        "ValidatingPolicy", "VirtualService",
    ];

    private static readonly Lazy<IReadOnlyDictionary<(string ApiVersion, string Kind), JsonObject>> _custom = new(ReadCustom);

    private readonly Dictionary<(string ApiVersion, string Kind), JsonObject> _core = [];
    private readonly JsonObject _definitions;

    private SchemaCatalog(string release, string file)
    {
        Release = release;
        _definitions = JsonNode.Parse(File.ReadAllText(file))!["definitions"]!.AsObject();
        foreach (var (_, definition) in _definitions)
        {
            foreach (var kind in definition.List("x-kubernetes-group-version-kind"))
            {
                var group = kind.Text("group");
                _core[(group is null or "" ? kind.Text("version")! : $"{group}/{kind.Text("version")}", kind.Text("kind")!)] = definition!.AsObject();
            }
        }
    }

    /// <summary>The releases whose schemas are here, oldest first; empty when there are none.</summary>
    public static IReadOnlyList<SchemaCatalog> All { get; } = Checkout.Schemas is not { } folder ? [] :
        [.. Directory.GetFiles(folder, "k8s-v*.json").Order(StringComparer.Ordinal).Select(f => new SchemaCatalog(Path.GetFileNameWithoutExtension(f)[4..], f))];

    /// <summary>The release of Kubernetes.</summary>
    public string Release { get; }

    /// <summary>The schema of a kind, or null when nobody published one.</summary>
    public JsonObject? Find(string apiVersion, string kind) =>
        _core.GetValueOrDefault((apiVersion, kind)) ?? _custom.Value.GetValueOrDefault((apiVersion, kind));

    /// <summary>What a reference points to.</summary>
    public (string Name, JsonObject Schema) Resolve(string reference)
    {
        var name = reference["#/definitions/".Length..];
        return (name, _definitions[name]!.AsObject());
    }

    private static Dictionary<(string, string), JsonObject> ReadCustom()
    {
        var schemas = new Dictionary<(string, string), JsonObject>();
        foreach (var file in Directory.GetFiles(Path.Combine(Checkout.Schemas!, "crds"), "*.json"))
        {
            if (Path.GetFileNameWithoutExtension(file).Split("__") is not [var group, var rest] || rest.Split('_') is not [var lower, var version])
                throw new InvalidOperationException($"The name of {file} is not <group>__<kind>_<version>.json.");
            var kind = _customKinds.SingleOrDefault(k => k.Equals(lower, StringComparison.OrdinalIgnoreCase))
                ?? throw new InvalidOperationException($"How the kind of {file} is written is not known here.");
            var schema = JsonNode.Parse(File.ReadAllText(file))!.AsObject();
            // Istio's lack all three at the root, and nobody's says what metadata is.
            var properties = schema["properties"]!.AsObject();
            properties["apiVersion"] = new JsonObject { ["type"] = "string" };
            properties["kind"] = new JsonObject { ["type"] = "string" };
            properties["metadata"] = new JsonObject { ["$ref"] = "#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta" };
            schemas[($"{group}/{version}", kind)] = schema;
        }
        foreach (var (key, schema) in DeclaredSchemas.All)
            schemas.TryAdd(key, schema);
        return schemas;
    }
}
