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
                ExternalSecrets.Document(mesh, KubernetesNames.SecretOf(workload), KubernetesNames.Labels(workload), keys, secrets));
        }
    }

    private static string Template(MeshModel mesh, Setting setting) => setting.Compose(
        parameter => parameter.Secret ? ExternalSecrets.Hole(parameter.Name)
            : throw new DistributedApplicationException($"'{setting.Key}' mixes the secret with the parameter '{parameter.Name}'; only endpoints and text may stand beside a secret."),
        part => KubernetesNames.Resolve(mesh, part));
}
