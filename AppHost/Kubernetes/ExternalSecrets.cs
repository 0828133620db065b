namespace TalentSphere.AppHost.Kubernetes;

/// <summary>One property of the vault under the name that a template knows it by.</summary>
internal sealed record VaultProperty(string Variable, string Owner, string Property);

/// <summary>Writes ExternalSecrets: which properties of the vault become which keys of a Secret. Values stand in none of them.</summary>
internal static class ExternalSecrets
{
    /// <summary>An ExternalSecret whose Secret has the given keys, composed from parameters of the model.</summary>
    public static Map Document(
        MeshModel mesh, string name, Map labels, IEnumerable<KeyValuePair<string, string>> keys, IEnumerable<string> parameters, string? type = null) =>
        Document(name, labels, keys, parameters.Select(p => new VaultProperty(Variable(p), mesh.Parameter(p).Owner, p)), type);

    public static Map Document(string name, Map labels, IEnumerable<KeyValuePair<string, string>> keys, IEnumerable<VaultProperty> properties, string? type = null)
    {
        var document = KubernetesNames.Document("external-secrets.io/v1", "ExternalSecret", name, labels);
        document["spec"] = new Map
        {
            ["refreshInterval"] = "1m",
            ["secretStoreRef"] = new Map { ["kind"] = "SecretStore", ["name"] = KubernetesNames.SecretStore },
            ["target"] = new Map
            {
                ["name"] = name,
                ["creationPolicy"] = "Owner",
                ["deletionPolicy"] = "Retain",
                ["template"] = new Map { ["engineVersion"] = "v2", ["type"] = type, ["metadata"] = new Map { ["labels"] = labels }, ["data"] = Map.Of(keys) },
            },
            ["data"] = properties.Select(p => new Map
            {
                ["secretKey"] = p.Variable,
                ["remoteRef"] = new Map { ["key"] = $"talentsphere/{p.Owner}", ["property"] = p.Property },
            }),
        };
        return document;
    }

    /// <summary>How a template names a parameter.</summary>
    public static string Hole(string parameter) => $"{{{{ .{Variable(parameter)} }}}}";

    // A template's variable cannot hold a hyphen.
    private static string Variable(string parameter) => parameter.Replace('-', '_');
}
