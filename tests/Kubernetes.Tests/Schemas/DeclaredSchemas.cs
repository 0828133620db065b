using System.Text.Json.Nodes;

namespace TalentSphere.Kubernetes.Tests.Schemas;

/// <summary>
/// Kinds that the manifests use and whose published schema is not among those that are here: as much of them as we use, written down by hand, and closed. They
/// catch a misspelt field; they prove less than a published schema does.
/// </summary>
internal static class DeclaredSchemas
{
    public static IReadOnlyDictionary<(string ApiVersion, string Kind), JsonObject> All { get; } = new Dictionary<(string, string), JsonObject>
    {
        [("postgresql.cnpg.io/v1", "Database")] = Kind("""
            {
              "type": "object", "additionalProperties": false, "required": ["cluster", "name", "owner"],
              "properties": {
                "cluster": { "type": "object", "additionalProperties": false, "required": ["name"], "properties": { "name": { "type": "string", "minLength": 1 } } },
                "name": { "type": "string", "minLength": 1 },
                "owner": { "type": "string", "minLength": 1 },
                "ensure": { "type": "string", "enum": ["present", "absent"] },
                "databaseReclaimPolicy": { "type": "string", "enum": ["delete", "retain"] },
                "extensions": { "type": "array", "items": { "type": "object", "additionalProperties": false, "required": ["name"], "properties": {
                  "name": { "type": "string", "minLength": 1 }, "ensure": { "type": "string", "enum": ["present", "absent"] } } } }
              }
            }
            """),
    };

    private static JsonObject Kind(string spec) => new()
    {
        ["type"] = "object",
        ["required"] = new JsonArray("metadata", "spec"),
        ["properties"] = new JsonObject
        {
            ["apiVersion"] = new JsonObject { ["type"] = "string" },
            ["kind"] = new JsonObject { ["type"] = "string" },
            ["metadata"] = new JsonObject { ["$ref"] = "#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta" },
            ["spec"] = JsonNode.Parse(spec),
        },
    };
}
