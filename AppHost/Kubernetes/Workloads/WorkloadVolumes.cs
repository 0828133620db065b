namespace TalentSphere.AppHost.Kubernetes.Workloads;

/// <summary>What a workload may write to (<c>/tmp</c>, and nothing else) and where its secrets are.</summary>
internal static class WorkloadVolumes
{
    private const string _scratch = "tmp";
    private const string _secrets = "secrets";

    public static IEnumerable<Map> Mounts(Workload workload)
    {
        yield return new() { ["name"] = _scratch, ["mountPath"] = "/tmp" };
        if (workload.SecretSettings.Any())
            yield return new() { ["name"] = _secrets, ["mountPath"] = KubernetesNames.SecretsFolder, ["readOnly"] = true };
    }

    public static IEnumerable<Map> Volumes(Workload workload)
    {
        yield return new() { ["name"] = _scratch, ["emptyDir"] = new Map { ["sizeLimit"] = "128Mi" } };
        if (workload.SecretSettings.Any())
        {
            yield return new()
            {
                ["name"] = _secrets,
                ["secret"] = new Map { ["secretName"] = KubernetesNames.SecretOf(workload), ["defaultMode"] = PodHardening.OwnerAndGroupRead },
            };
        }
    }
}
