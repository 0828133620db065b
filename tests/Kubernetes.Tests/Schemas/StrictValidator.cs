using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace TalentSphere.Kubernetes.Tests.Schemas;

/// <summary>
/// Holds a resource against the published schema of its kind, more strictly than a schema alone does: an object admits no field that its schema does not name,
/// and what an API server checks by code (enumerations of the core kinds, ports, quantities, names) is checked too. CEL rules
/// (<c>x-kubernetes-validations</c>) are not evaluated.
/// </summary>
internal sealed partial class StrictValidator(SchemaCatalog catalog)
{
    private const string _meta = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta";

    /// <summary>Every word that is understood or says nothing about a value. A schema with another one is refused.</summary>
    private static readonly HashSet<string> _words =
    [
        "$ref", "type", "properties", "additionalProperties", "items", "required", "enum", "pattern", "format", "minimum", "maximum", "minLength", "maxLength", "minItems",
        "maxItems", "minProperties", "maxProperties", "nullable", "not", "anyOf", "allOf", "oneOf", "x-kubernetes-int-or-string", "x-kubernetes-preserve-unknown-fields",
        "x-kubernetes-list-type", "x-kubernetes-list-map-keys", "default", "example", "x-kubernetes-map-type", "x-kubernetes-validations", "x-kubernetes-patch-strategy",
        "x-kubernetes-patch-merge-key", "x-kubernetes-group-version-kind", "x-kubernetes-unions", "description", "title", "uniqueItems", "x-kubernetes-embedded-resource",
    ];

    /// <summary>What the API server admits where the published schema of a core kind only says "string": definition and field, values.</summary>
    private static readonly Dictionary<string, string[]> _choices = new()
    {
        ["core.v1.HTTPGetAction.scheme"] = ["HTTP", "HTTPS"],
        ["core.v1.Container.imagePullPolicy"] = ["Always", "IfNotPresent", "Never"],
        ["core.v1.Container.terminationMessagePolicy"] = ["File", "FallbackToLogsOnError"],
        ["core.v1.ContainerPort.protocol"] = ["TCP", "UDP", "SCTP"],
        ["core.v1.ServicePort.protocol"] = ["TCP", "UDP", "SCTP"],
        ["core.v1.ServiceSpec.type"] = ["ClusterIP", "NodePort", "LoadBalancer", "ExternalName"],
        ["core.v1.ServiceSpec.sessionAffinity"] = ["None", "ClientIP"],
        ["core.v1.PodSpec.restartPolicy"] = ["Always", "OnFailure", "Never"],
        ["core.v1.PodSpec.dnsPolicy"] = ["ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"],
        ["core.v1.PodSecurityContext.fsGroupChangePolicy"] = ["OnRootMismatch", "Always"],
        ["core.v1.SeccompProfile.type"] = ["RuntimeDefault", "Localhost", "Unconfined"],
        ["core.v1.AppArmorProfile.type"] = ["RuntimeDefault", "Localhost", "Unconfined"],
        ["core.v1.SecurityContext.procMount"] = ["Default", "Unmasked"],
        ["core.v1.TopologySpreadConstraint.whenUnsatisfiable"] = ["DoNotSchedule", "ScheduleAnyway"],
        ["core.v1.Toleration.operator"] = ["Exists", "Equal"],
        ["core.v1.Toleration.effect"] = ["NoSchedule", "PreferNoSchedule", "NoExecute"],
        ["core.v1.NodeSelectorRequirement.operator"] = ["In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"],
        ["core.v1.EmptyDirVolumeSource.medium"] = ["", "Memory"],
        ["meta.v1.LabelSelectorRequirement.operator"] = ["In", "NotIn", "Exists", "DoesNotExist"],
        ["apps.v1.DeploymentStrategy.type"] = ["RollingUpdate", "Recreate"],
        ["apps.v1.StatefulSetSpec.podManagementPolicy"] = ["OrderedReady", "Parallel"],
        ["apps.v1.StatefulSetUpdateStrategy.type"] = ["RollingUpdate", "OnDelete"],
        ["batch.v1.CronJobSpec.concurrencyPolicy"] = ["Allow", "Forbid", "Replace"],
        ["networking.v1.NetworkPolicyPort.protocol"] = ["TCP", "UDP", "SCTP"],
        ["networking.v1.HTTPIngressPath.pathType"] = ["Exact", "Prefix", "ImplementationSpecific"],
        ["autoscaling.v2.MetricSpec.type"] = ["Resource", "Pods", "Object", "External", "ContainerResource"],
        ["autoscaling.v2.MetricTarget.type"] = ["Utilization", "Value", "AverageValue"],
        ["autoscaling.v2.HPAScalingPolicy.type"] = ["Pods", "Percent"],
        ["autoscaling.v2.HPAScalingRules.selectPolicy"] = ["Max", "Min", "Disabled"],
        ["policy.v1.PodDisruptionBudgetSpec.unhealthyPodEvictionPolicy"] = ["IfHealthyBudget", "AlwaysAllow"],
    };

    /// <summary>The same for lists of strings.</summary>
    private static readonly Dictionary<string, string[]> _listChoices = new()
    {
        ["networking.v1.NetworkPolicySpec.policyTypes"] = ["Ingress", "Egress"],
        ["core.v1.PersistentVolumeClaimSpec.accessModes"] = ["ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", "ReadWriteOncePod"],
    };

    /// <summary>Core fields that are port numbers.</summary>
    private static readonly HashSet<string> _ports =
    [
        "core.v1.ContainerPort.containerPort", "core.v1.ContainerPort.hostPort", "core.v1.ServicePort.port", "core.v1.ServicePort.nodePort", "core.v1.HTTPGetAction.port",
        "core.v1.TCPSocketAction.port", "core.v1.ServicePort.targetPort", "networking.v1.NetworkPolicyPort.port", "networking.v1.NetworkPolicyPort.endPort",
        "networking.v1.ServiceBackendPort.number", "core.v1.GRPCAction.port",
    ];

    /// <summary>Core fields that are a number or a percentage.</summary>
    private static readonly HashSet<string> _shares =
    [
        "policy.v1.PodDisruptionBudgetSpec.maxUnavailable", "policy.v1.PodDisruptionBudgetSpec.minAvailable", "apps.v1.RollingUpdateDeployment.maxUnavailable",
        "apps.v1.RollingUpdateDeployment.maxSurge",
    ];

    /// <summary>What is wrong with a resource; empty when an API server's schema check would take it.</summary>
    public IReadOnlyList<Finding> Validate(JsonNode? document)
    {
        var findings = new List<Finding>();
        if (document is not JsonObject body)
            return [new("schema", "?", "", "is no object")];
        var manifest = new Manifest(body);
        void Wrong(string field, string what) => findings.Add(new($"schema {catalog.Release}", manifest.Id, field, what));
        if (catalog.Find(manifest.ApiVersion, manifest.Kind) is not { } schema)
        {
            Wrong("apiVersion", $"{manifest.ApiVersion} {manifest.Kind} is a kind that nobody published");
            return findings;
        }
        Check(schema, "", body, "", closed: true, Wrong);
        CheckMetadata(manifest, Wrong);
        return findings;
    }

    private static void CheckMetadata(Manifest manifest, Action<string, string> wrong)
    {
        // A Service's name is a DNS label, everything else's a subdomain; a kustomization has none and never gets here.
        var longest = manifest.Kind is "Service" or "Namespace" ? 63 : 253;
        if (!(manifest.Kind is "Service" or "Namespace" ? Label() : Subdomain()).IsMatch(manifest.Name) || manifest.Name.Length > longest)
            wrong("metadata.name", $"'{manifest.Name}' is no name");
    }

    private void Check(JsonObject schema, string definition, JsonNode? value, string at, bool closed, Action<string, string> wrong)
    {
        if (schema.FirstOrDefault(w => !_words.Contains(w.Key)).Key is { } unknown)
            throw new NotSupportedException($"The schema's word '{unknown}' at {at} is not known here.");
        if (schema["$ref"] is { } reference)
        {
            var (name, target) = catalog.Resolve(reference.ToString());
            switch (name)
            {
                case "io.k8s.apimachinery.pkg.api.resource.Quantity" when value is not JsonValue || !Quantity().IsMatch(value.ToString()):
                    wrong(at, $"{Excerpt(value)} is no quantity");
                    return;
                case "io.k8s.apimachinery.pkg.util.intstr.IntOrString" when value is JsonValue text && text.GetValueKind() == JsonValueKind.String
                    && !PercentOrName().IsMatch(text.ToString()):
                    wrong(at, $"{Excerpt(value)} is neither a number nor a percentage nor a port's name");
                    return;
            }
            Check(target, name, value, at, closed, wrong);
            return;
        }
        if (value is null)
        {
            if (schema["nullable"]?.GetValue<bool>() != true)
                wrong(at, "is null");
            return;
        }
        foreach (var all in schema["allOf"] as JsonArray ?? [])
            Check(all!.AsObject(), "", value, at, closed: false, wrong);
        if (schema["anyOf"] is JsonArray any && !any.Any(s => Holds(s, value)))
            wrong(at, $"{Excerpt(value)} is nothing of {any.ToJsonString()}");
        if (schema["oneOf"] is JsonArray one && one.Count(s => Holds(s, value)) != 1)
            wrong(at, $"{Excerpt(value)} is not exactly one of {one.ToJsonString()}");
        if (schema["not"] is { } not && Holds(not, value))
            wrong(at, $"{Excerpt(value)} is {not.ToJsonString()}");
        if (schema["type"]?.ToString() is { } type && schema["x-kubernetes-int-or-string"] is null && !Is(type, value))
        {
            wrong(at, $"{Excerpt(value)} is no {type}");
            return;
        }
        if (schema["enum"] is JsonArray choices && !choices.Any(c => JsonNode.DeepEquals(c, value)))
            wrong(at, $"{Excerpt(value)} is none of {choices.ToJsonString()}");
        switch (value)
        {
            case JsonObject fields:
                CheckFields(schema, definition, fields, at, closed, wrong);
                break;
            case JsonArray items:
                CheckItems(schema, items, at, closed, wrong);
                break;
            case JsonValue scalar:
                CheckScalar(schema, scalar, at, wrong);
                break;
        }
    }

    private void CheckFields(JsonObject schema, string definition, JsonObject fields, string at, bool closed, Action<string, string> wrong)
    {
        var properties = schema["properties"] as JsonObject;
        foreach (var required in schema.Texts("required").Where(r => !fields.ContainsKey(r)))
            wrong(Join(at, required), "is missing");
        if (fields.Count < (schema["minProperties"]?.GetValue<int>() ?? 0) || fields.Count > (schema["maxProperties"]?.GetValue<int>() ?? int.MaxValue))
            wrong(at, $"has {fields.Count} fields");
        var shortName = definition.Replace("io.k8s.api.", "").Replace("io.k8s.apimachinery.pkg.apis.", "");
        foreach (var (name, value) in fields)
        {
            var place = Join(at, name);
            if (properties?[name] is JsonObject known)
            {
                Check(known, "", value, place, closed, wrong);
                CheckByCode($"{shortName}.{name}", value, place, wrong);
            }
            else if (schema["additionalProperties"] is JsonObject each)
                Check(each, "", value, place, closed, wrong);
            else if (closed && schema["x-kubernetes-preserve-unknown-fields"]?.GetValue<bool>() != true
                && (schema["additionalProperties"] is JsonValue || properties is not null))
            {
                wrong(place, "is a field that this kind does not have");
            }
        }
        if (definition == _meta)
            CheckLabels(fields, at, wrong);
    }

    /// <summary>What the API server's code knows of core fields and the schema does not.</summary>
    private static void CheckByCode(string field, JsonNode? value, string at, Action<string, string> wrong)
    {
        if (_choices.TryGetValue(field, out var choices) && value is JsonValue && !choices.Contains(value.ToString()))
            wrong(at, $"{Excerpt(value)} is none of {string.Join(", ", choices)}");
        if (_listChoices.TryGetValue(field, out var listed) && value is JsonArray items && items.FirstOrDefault(i => !listed.Contains(i?.ToString())) is { } stray)
            wrong(at, $"{Excerpt(stray)} is none of {string.Join(", ", listed)}");
        if (_shares.Contains(field) && value is JsonValue share && share.GetValueKind() == JsonValueKind.String && !Percentage().IsMatch(share.ToString()))
            wrong(at, $"{Excerpt(value)} is neither a number nor a percentage");
        if (_ports.Contains(field) && value is JsonValue number && number.GetValueKind() == JsonValueKind.Number && Number(number) is not (>= 1 and <= 65535))
            wrong(at, $"{Excerpt(value)} is no port");
    }

    private static void CheckLabels(JsonObject metadata, string at, Action<string, string> wrong)
    {
        foreach (var (key, value) in metadata.Map("labels"))
        {
            if (!Qualified().IsMatch(key) || !LabelValue().IsMatch(value))
                wrong($"{Join(at, "labels")}.{key}", $"'{value}' under '{key}' is no label");
        }
        foreach (var key in metadata.Map("annotations").Keys.Where(k => !Qualified().IsMatch(k)))
            wrong($"{Join(at, "annotations")}.{key}", "is no annotation's name");
    }

    private void CheckItems(JsonObject schema, JsonArray items, string at, bool closed, Action<string, string> wrong)
    {
        if (items.Count < (schema["minItems"]?.GetValue<int>() ?? 0) || items.Count > (schema["maxItems"]?.GetValue<int>() ?? int.MaxValue))
            wrong(at, $"has {items.Count} items");
        if (schema["items"] is JsonObject each)
        {
            for (var i = 0; i < items.Count; i++)
                Check(each, "", items[i], $"{at}[{i}]", closed, wrong);
        }
        // Two entries under one key: a server refuses a custom resource for it and merges a core one's wrongly.
        string[] keys = schema["x-kubernetes-list-type"]?.ToString() switch
        {
            "map" => [.. items.OfType<JsonObject>().Select(i => string.Join('|', schema.Texts("x-kubernetes-list-map-keys").Select(k => i.Text(k) ?? (k == "protocol" ? "TCP" : ""))))],
            "set" => [.. items.Select(i => i?.ToJsonString() ?? "")],
            _ => [],
        };
        foreach (var twice in keys.GroupBy(k => k).Where(g => g.Count() > 1))
            wrong(at, $"has '{twice.Key}' {twice.Count()} times");
    }

    private static void CheckScalar(JsonObject schema, JsonValue value, string at, Action<string, string> wrong)
    {
        if (value.GetValueKind() == JsonValueKind.Number)
        {
            var number = Number(value);
            if (number < (schema["minimum"] is JsonValue least ? Number(least) : double.MinValue) || number > (schema["maximum"] is JsonValue most ? Number(most) : double.MaxValue))
                wrong(at, $"{Excerpt(value)} is out of range");
            if (schema["format"]?.ToString() == "int32" && number is < int.MinValue or > int.MaxValue)
                wrong(at, $"{Excerpt(value)} does not fit");
            return;
        }
        if (value.GetValueKind() != JsonValueKind.String)
            return;
        var text = value.ToString();
        if (text.Length < (schema["minLength"]?.GetValue<int>() ?? 0) || text.Length > (schema["maxLength"] is JsonValue longest ? Number(longest) : int.MaxValue))
            wrong(at, $"'{text}' is too short or too long");
        if (schema["pattern"]?.ToString() is { } pattern && !Regex.IsMatch(text, pattern, RegexOptions.CultureInvariant))
            wrong(at, $"'{text}' does not match {pattern}");
        var conforms = schema["format"]?.ToString() switch
        {
            "date-time" => DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.None, out _),
            "byte" => Convert.TryFromBase64String(text, new byte[text.Length], out _),
            "ipv4" or "ipv6" => System.Net.IPAddress.TryParse(text, out _),
            "duration" => Duration().IsMatch(text),
            _ => true,
        };
        if (!conforms)
            wrong(at, $"'{text}' is no {schema["format"]}");
    }

    /// <summary>Whether a value conforms, where fields beside the named ones say nothing.</summary>
    private bool Holds(JsonNode? schema, JsonNode? value)
    {
        var holds = true;
        Check(schema!.AsObject(), "", value, "", closed: false, (_, _) => holds = false);
        return holds;
    }

    private static bool Is(string type, JsonNode value) => type switch
    {
        "object" => value is JsonObject,
        "array" => value is JsonArray,
        "string" => value.GetValueKind() == JsonValueKind.String,
        "boolean" => value.GetValueKind() is JsonValueKind.True or JsonValueKind.False,
        "number" => value.GetValueKind() == JsonValueKind.Number,
        "integer" => value.GetValueKind() == JsonValueKind.Number && double.IsInteger(Number((JsonValue)value)),
        _ => throw new NotSupportedException($"The schema's type '{type}' is not known here."),
    };

    private static double Number(JsonValue value) => double.Parse(value.ToJsonString(), CultureInfo.InvariantCulture);

    private static string Join(string at, string field) => at.Length == 0 ? field : $"{at}.{field}";

    private static string Excerpt(JsonNode? value) => value?.ToJsonString() is not { } text ? "null" : text.Length > 60 ? text[..60] + "…" : text;

    [GeneratedRegex(@"^[+-]?(\d+\.?\d*|\.\d+)([KMGTPE]i|[numkMGTPE]|[eE][+-]?\d+)?$", RegexOptions.ExplicitCapture)]
    private static partial Regex Quantity();

    [GeneratedRegex("^(\\d+%|(?=.*[a-z])[a-z0-9]([-a-z0-9]*[a-z0-9])?)$")]
    private static partial Regex PercentOrName();

    [GeneratedRegex("^[0-9]+%$")]
    private static partial Regex Percentage();

    [GeneratedRegex("^[a-z]([-a-z0-9]*[a-z0-9])?$")]
    private static partial Regex Label();

    [GeneratedRegex("^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$")]
    private static partial Regex Subdomain();

    [GeneratedRegex("^([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$")]
    private static partial Regex Qualified();

    [GeneratedRegex("^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$")]
    private static partial Regex LabelValue();

    [GeneratedRegex("^([0-9]+(\\.[0-9]+)?(ns|us|ms|s|m|h))+$")]
    private static partial Regex Duration();
}
