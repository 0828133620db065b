namespace TalentSphere.AppHost.Kubernetes.Workloads;

/// <summary>
/// An ExternalSecret each: it takes parameters from the vault and composes one Secret whose keys are configuration keys. The values are mounted as files and
/// followed when they change; none is an environment variable, an argument or in any of these files.
/// </summary>
internal sealed class WorkloadSecrets : IManifestSection
{
    public IEnumerable<ManifestFile> Write(MeshModel mesh)
    {
        foreach (var workload in mesh.Workloads.Where(w => w.SecretSettings.Any()))
        {
            var keys = workload.SecretSettings.ToDictionary(s => s.Key, s => Template(mesh, s), StringComparer.Ordinal);
            var secrets = workload.SecretSettings.SelectMany(s => s.Secrets).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);
            yield return new(
                $"base/{workload.Name}/externalsecret.yaml",
                ExternalSecret(mesh, KubernetesNames.SecretOf(workload), KubernetesNames.Labels(workload), keys, secrets));
        }
    }

    /// <summary>An ExternalSecret whose Secret has the given keys, composed from parameters.</summary>
    public static Map ExternalSecret(
        MeshModel mesh, string name, Map labels, IEnumerable<KeyValuePair<string, string>> keys, IEnumerable<string> parameters, string? type = null)
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
            ["data"] = parameters.Select(p => new Map
            {
                ["secretKey"] = Variable(p),
                ["remoteRef"] = new Map { ["key"] = $"talentsphere/{mesh.Parameter(p).Owner}", ["property"] = p },
            }),
        };
        return document;
    }

    /// <summary>How a template names a parameter.</summary>
    public static string Hole(string parameter) => $"{{{{ .{Variable(parameter)} }}}}";

    private static string Template(MeshModel mesh, Setting setting) => setting.Compose(
        parameter => parameter.Secret ? Hole(parameter.Name)
            : throw new DistributedApplicationException($"'{setting.Key}' mixes the secret with the parameter '{parameter.Name}'; only endpoints and text may stand beside a secret."),
        part => KubernetesNames.Resolve(mesh, part));

    // A template's variable cannot hold a hyphen.
    private static string Variable(string parameter) => parameter.Replace('-', '_');
}
