using System.Text.Json.Nodes;
using TalentSphere.TestKit;

namespace TalentSphere.Mesh.Tests;

/// <summary>What the merged OpenAPI document says of one operation.</summary>
/// <param name="Id">Its operation id.</param>
/// <param name="Method">GET, POST, …</param>
/// <param name="Template">The path with its parameters in braces.</param>
/// <param name="IsOpen">True when no token is asked for.</param>
/// <param name="Query">Its query parameters and their JSON types.</param>
/// <param name="Body">The schema of its request body; null without one.</param>
internal sealed record ApiOperation(string Id, string Method, string Template, bool IsOpen, IReadOnlyDictionary<string, string> Query, ApiBody? Body)
{
    /// <summary>True when it names a resource by id.</summary>
    public bool HasId => Template.Contains('{');

    /// <summary>The path with every parameter set to <paramref name="id"/>, or to a fresh UUID.</summary>
    public string Path(string? id = null) =>
        string.Join('/', Template.Split('/').Select(part => part.StartsWith('{') ? id ?? Guid.CreateVersion7().ToString() : part));

    /// <inheritdoc/>
    public override string ToString() => $"{Method} {Template}";
}

/// <summary>A request body: its fields and which of them must be there.</summary>
internal sealed record ApiBody(IReadOnlyList<ApiField> Fields, IReadOnlyList<string> Required);

/// <summary>A field of a request body.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">string, integer, number, boolean, array, object or enum.</param>
/// <param name="Schema">Its schema, references resolved.</param>
internal sealed record ApiField(string Name, string Type, JsonObject Schema)
{
    /// <summary>A JSON value of another type.</summary>
    public JsonNode WrongType => Type is "string" ? JsonValue.Create(12345) : JsonValue.Create("not a " + Type);

    private const int _longestText = 1_000_000;

    /// <summary>True when the document tells how much is too much.</summary>
    public bool IsBounded => Type != "string" || Schema["maxLength"] is not null;

    /// <summary>A value beyond the bounds that the document gives, or that any text has; null where there is none.</summary>
    public JsonNode? TooMuch() => Type switch
    {
        "string" when Schema["format"] is null => new string('x', Schema["maxLength"] is { } max ? max.GetValue<int>() + 1 : _longestText),
        "integer" or "number" when Schema["maximum"] is { } max => JsonValue.Create(max.GetValue<long>() + 1),
        "array" when Schema["maxItems"] is { } max => new JsonArray([.. Enumerable.Range(0, max.GetValue<int>() + 1).Select(_ => Sample(Schema["items"]))]),
        _ => null,
    };

    private static JsonNode Sample(JsonNode? items) => items?["type"]?.ToString() switch
    {
        "object" => new JsonObject(),
        _ => JsonValue.Create("x"),
    };
}

/// <summary>The API as its own document describes it.</summary>
internal static class ApiDocument
{
    public static async Task<IReadOnlyList<ApiOperation>> ReadAsync(MeshFixture mesh)
    {
        using var client = mesh.Anonymous();
        var document = await Eventually.SeesAsync(
            () => client.AskAsync("/api/openapi.json"), a => a.Json["x-unavailable"] is null, "the documents of all services");
        List<ApiOperation> operations =
            [.. document.Json["paths"]!.AsObject().SelectMany(path => path.Value!.AsObject().Select(o => Read(document.Json, path.Key, o.Key, o.Value!)))];
        operations.Count.ShouldBeGreaterThan(60, "fewer operations than there were: a service's document is missing");
        return operations;
    }

    private static ApiOperation Read(JsonNode document, string path, string method, JsonNode operation)
    {
        var parameters = operation["parameters"]?.AsArray().Select(p => p!).Where(p => p["in"]!.GetValue<string>() == "query") ?? [];
        var schema = operation["requestBody"]?["content"]?["application/json"]?["schema"];
        return new(
            operation["operationId"]!.GetValue<string>(), method.ToUpperInvariant(), path, operation["security"] is null,
            parameters.ToDictionary(p => p["name"]!.GetValue<string>(), p => TypeOf(p["schema"]!.AsObject())),
            schema is null ? null : BodyOf(document, Resolve(document, schema)));
    }

    private static ApiBody BodyOf(JsonNode document, JsonObject schema) => new(
        [.. (schema["properties"]?.AsObject() ?? []).Select(p => Field(p.Key, Resolve(document, p.Value!)))],
        [.. (schema["required"]?.AsArray() ?? []).Select(r => r!.GetValue<string>())]);

    private static ApiField Field(string name, JsonObject schema) => new(name, TypeOf(schema), schema);

    private static string TypeOf(JsonObject schema) => schema["enum"] is not null ? "enum"
        : schema["type"] is JsonArray types ? types.Select(t => t!.GetValue<string>()).First(t => t != "null")
        : schema["type"]?.GetValue<string>() ?? "object";

    /// <summary>Follows a reference, also one that may be null.</summary>
    private static JsonObject Resolve(JsonNode document, JsonNode schema)
    {
        if (schema["oneOf"] is JsonArray choices)
            schema = choices.First(c => c!["type"] is not JsonValue)!;
        return schema["$ref"] is { } reference
            ? document["components"]!["schemas"]![reference.GetValue<string>().Split('/')[^1]]!.AsObject()
            : schema.AsObject();
    }
}
