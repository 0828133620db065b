using System.Text.Json;
using System.Text.Json.Nodes;

namespace TalentSphere.Cli.Demo;

/// <summary>An answer of the mesh, read.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Body">The text of the body.</param>
/// <param name="Repeated">True when the request was sent before and its answer was lost: its effect may be there already.</param>
internal sealed record StoryAnswer(int Status, string Body, bool Repeated)
{
    private readonly Lazy<JsonNode?> _json = new(() => Read(Body));

    /// <summary>What the success envelope holds.</summary>
    public JsonNode Data => _json.Value?["data"] ?? throw new StoryException($"An answer ({Status}) came without data: {Excerpt}");

    /// <summary>The entries of a list.</summary>
    public IEnumerable<JsonNode> Items => Data.AsArray().OfType<JsonNode>();

    /// <summary>The failure's code; empty on success.</summary>
    public string Code => (_json.Value as JsonObject)?["error"]?["code"]?.GetValue<string>() ?? "";

    /// <summary>Enough of the body to tell what went wrong.</summary>
    public string Excerpt => Body.Length > 300 ? Body[..300] + "…" : Body;

    private static JsonNode? Read(string body)
    {
        try
        {
            return body.Length == 0 ? null : JsonNode.Parse(body);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>Reads JSON without a record for every answer.</summary>
internal static class JsonNodeExtensions
{
    public static Guid Id(this JsonNode node, string name = "id") => node[name]?.GetValue<Guid>() ?? throw Missing(node, name);

    public static string Text(this JsonNode node, string name) => node[name]?.GetValue<string>() ?? throw Missing(node, name);

    public static int Number(this JsonNode node, string name) => node[name]?.GetValue<int>() ?? throw Missing(node, name);

    private static StoryException Missing(JsonNode node, string name) => new($"An answer has no '{name}': {node.ToJsonString()}");
}
