namespace TalentSphere.AppHost.Kubernetes.Workloads;

/// <summary>What a container may not do: be root, write to its own files, gain or hold any privilege.</summary>
internal static class PodHardening
{
    public static Map Pod() => new()
    {
        ["runAsNonRoot"] = true,
        ["runAsUser"] = KubernetesNames.User,
        ["runAsGroup"] = KubernetesNames.User,
        ["fsGroup"] = KubernetesNames.User,
        ["fsGroupChangePolicy"] = "OnRootMismatch",
        ["seccompProfile"] = new Map { ["type"] = "RuntimeDefault" },
    };

    public static Map Container() => new()
    {
        ["allowPrivilegeEscalation"] = false,
        ["readOnlyRootFilesystem"] = true,
        ["runAsNonRoot"] = true,
        ["capabilities"] = new Map { ["drop"] = new[] { "ALL" } },
    };
}
