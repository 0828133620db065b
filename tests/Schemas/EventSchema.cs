using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization.Metadata;
using TalentSphere.Contracts;
using TalentSphere.ServiceDefaults.Http;
using TalentSphere.ServiceDefaults.Messaging;

namespace TalentSphere.Schemas;

/// <summary>
/// JSON Schema (draft 2020-12) of a record as it stands on the wire. Required is what a reader cannot do without: every field that is neither nullable nor has
/// a default. A publisher of ours writes the others too, as null; older events and other publishers may leave them out.
/// </summary>
public static class EventSchema
{
    /// <summary>The dialect.</summary>
    public const string Dialect = "https://json-schema.org/draft/2020-12/schema";

    /// <summary>The routing key's form: three lower-case segments.</summary>
    private const string _key = "^[a-z][a-z0-9-]*\\.[a-z][a-z0-9-]*\\.[a-z][a-z0-9-]*$";

    private static readonly Dictionary<Type, string> _sizes = new()
    {
        [typeof(int)] = "int32",
        [typeof(long)] = "int64",
        [typeof(float)] = "float",
        [typeof(double)] = "double",
    };

    private static readonly string[] _order = ["title", "description", "$comment", "type", "format", "enum"];

    /// <summary>The schema of an event's data.</summary>
    /// <exception cref="NotSupportedException">The record has a type that the schemas have no words for.</exception>
    public static JsonObject Of(EventTopic topic)
    {
        ArgumentNullException.ThrowIfNull(topic);
        return Complete(topic.EventType, $"urn:talentsphere:event:{topic.Key}");
    }

    /// <summary>The schema of what is around the data of every event.</summary>
    public static JsonObject OfEnvelope()
    {
        var schema = Complete(typeof(EventEnvelope), "urn:talentsphere:envelope");
        var fields = schema["properties"]!.AsObject();
        fields["eventType"]!["pattern"] = _key;
        fields["schemaVersion"]!["minimum"] = 1;
        fields["source"]!["minLength"] = 1;
        fields["correlationId"]!["pattern"] = $"^[A-Za-z0-9._-]{{1,{Correlation.MaxLength}}}$";
        fields["subject"]!["minLength"] = 1;
        fields["data"]!["type"] = "object";
        return schema;
    }

    private static JsonObject Complete(Type record, string id)
    {
        var schema = new JsonObject { ["$schema"] = Dialect, ["$id"] = id, ["title"] = record.Name };
        if (RecordDocs.Of(record.Assembly).Summary(record) is { } summary)
            schema["description"] = summary;
        var options = new JsonSchemaExporterOptions { TreatNullObliviousAsNonNullable = true, TransformSchemaNode = Transform };
        var exported = Wire.Json.GetJsonSchemaAsNode(record, options);
        foreach (var (name, value) in exported.AsObject())
        {
            if (!schema.ContainsKey(name))
                schema[name] = value?.DeepClone();
        }
        Keywords.RefuseUnknown(schema, record.Name);
        return schema;
    }

    private static JsonNode Transform(JsonSchemaExporterContext context, JsonNode node)
    {
        // "Anything" is the schema true, which has no room for a description.
        var schema = node as JsonObject ?? [];
        if (schema["enum"] is JsonArray words && !schema.ContainsKey("type"))
            schema["type"] = words.Any(word => word is null) ? new JsonArray("string", "null") : "string";
        // JSON has one kind of number, its readers have several: a longer one would not fit where a shorter one was promised.
        if (_sizes.TryGetValue(Nullable.GetUnderlyingType(context.TypeInfo.Type) ?? context.TypeInfo.Type, out var size))
            schema["format"] = size;
        if (context.TypeInfo.Kind == JsonTypeInfoKind.Object && schema["properties"] is JsonObject)
            CompleteObject(context.TypeInfo, schema);
        if (context.PropertyInfo is { } property && context.Path.Length > 1 && context.Path[^2] == "properties")
            Describe(property, schema);
        return Ordered(schema);
    }

    /// <summary>Which fields are required the exporter reads off the constructor; what the wire demands stands in its own contract.</summary>
    private static void CompleteObject(JsonTypeInfo type, JsonObject schema)
    {
        schema.Remove("required");
        if (type.Properties.Where(p => p.IsRequired).Select(p => (JsonNode)p.Name).ToArray() is { Length: > 0 } required)
            schema["required"] = new JsonArray(required);
        // Contracts grow: a reader takes no offence at a field that it does not know.
        schema["additionalProperties"] = true;
    }

    private static void Describe(JsonPropertyInfo property, JsonObject schema)
    {
        var type = property.DeclaringType;
        if ((property.AttributeProvider as MemberInfo)?.Name is not { } name)
            return;
        if (RecordDocs.Of(type.Assembly).Property(type, name) is { } description)
            schema["description"] = description;
        // A mark of the contracts' own on a field ([Personal], say) is told to everybody.
        foreach (var mark in property.AttributeProvider.GetCustomAttributes(inherit: false).Select(a => a.GetType()).Concat(OfParameter(property))
            .Where(a => a.Namespace?.StartsWith("TalentSphere.", StringComparison.Ordinal) == true).Select(NameOf).Distinct().Order(StringComparer.Ordinal))
        {
            schema["x-" + mark] = true;
        }
    }

    private static IEnumerable<Type> OfParameter(JsonPropertyInfo property) =>
        property.AssociatedParameter?.AttributeProvider?.GetCustomAttributes(inherit: false).Select(a => a.GetType()) ?? [];

    private static string NameOf(Type attribute)
    {
        var name = attribute.Name.EndsWith(nameof(Attribute), StringComparison.Ordinal) ? attribute.Name[..^nameof(Attribute).Length] : attribute.Name;
        return JsonNamingPolicy.KebabCaseLower.ConvertName(name);
    }

    private static JsonObject Ordered(JsonObject schema)
    {
        var ordered = new JsonObject();
        foreach (var name in _order.Where(schema.ContainsKey).Concat(schema.Select(p => p.Key).Where(k => !_order.Contains(k))).ToList())
        {
            var value = schema[name];
            schema.Remove(name);
            ordered[name] = value;
        }
        return ordered;
    }
}
