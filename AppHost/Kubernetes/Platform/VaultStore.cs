namespace TalentSphere.AppHost.Kubernetes.Platform;

/// <summary>Where every secret comes from: Vault, entered with the token of one ServiceAccount that External Secrets asks the API server for. No pod has it.</summary>
internal sealed class VaultStore : IManifestSection
{
    private const string _reader = "vault-reader";

    public IEnumerable<ManifestFile> Write(MeshModel mesh)
    {
        var labels = KubernetesNames.Labels(KubernetesNames.SecretStore, "secrets");
        var account = KubernetesNames.Document("v1", "ServiceAccount", _reader, labels);
        account["automountServiceAccountToken"] = false;
        yield return new("platform/secrets/serviceaccount.yaml", account);

        var store = KubernetesNames.Document("external-secrets.io/v1", "SecretStore", KubernetesNames.SecretStore, labels);
        store["spec"] = new Map
        {
            ["provider"] = new Map
            {
                ["vault"] = new Map
                {
                    ["server"] = "https://vault.vault.svc:8200",
                    ["path"] = "secret",
                    ["version"] = "v2",
                    ["caProvider"] = new Map { ["type"] = "ConfigMap", ["name"] = "vault-ca", ["key"] = "ca.crt" },
                    ["auth"] = new Map
                    {
                        ["kubernetes"] = new Map
                        {
                            ["mountPath"] = "kubernetes",
                            ["role"] = KubernetesNames.Namespace,
                            ["serviceAccountRef"] = new Map { ["name"] = _reader, ["audiences"] = new[] { "vault" } },
                        },
                    },
                },
            },
        };
        yield return new("platform/secrets/secretstore.yaml", store)
        {
            Why = $"What the vault must hold, property by property. Letters and digits only: values stand in connection strings and URLs.\n{string.Concat(Expected(mesh))}",
        };

        var authority = KubernetesNames.Document("v1", "ConfigMap", "vault-ca", labels);
        authority["data"] = new Map { ["ca.crt"] = "" };
        yield return new("platform/secrets/vault-ca.yaml", authority) { Why = "Holds the certificate authority of your Vault; patch it in your overlay. Public, not secret." };
    }

    // CloudNativePG makes the administrator's password itself.
    private static bool IsOperators(MeshModel mesh, Parameter parameter) => mesh.Servers.Any(s => s.Kind == ServerKind.Postgres && s.PasswordParameter == parameter.Name);

    private static IEnumerable<string> Expected(MeshModel mesh) =>
        mesh.Parameters.Where(p => p.Secret && !IsOperators(mesh, p)).Select(p => (p.Owner, p.Name)).Concat(BackupStore.Properties.Select(p => (Owner: BackupStore.Owner, Name: p)))
            .GroupBy(p => p.Owner, StringComparer.Ordinal).OrderBy(g => g.Key, StringComparer.Ordinal)
            .Select(g => $"  secret/talentsphere/{g.Key}: {string.Join(", ", g.Select(p => p.Name).Order(StringComparer.Ordinal))}\n");
}
