namespace TalentSphere.AppHost.Kubernetes.Workloads;

/// <summary>What a container may not do: be root, write to its own files, gain or hold any privilege.</summary>
internal static class PodHardening
{
    /// <summary>The runtime and the profiles of nodes that may run strangers' programs.</summary>
    public const string BoxRuntime = "talentsphere-boxes";

    /// <summary>The system call profile, below the kubelet's folder of them.</summary>
    public const string BoxSeccomp = $"profiles/{BoxRuntime}.json";

    /// <summary>Mode 0440, in the decimal that JSON knows.</summary>
    public const int OwnerAndGroupRead = 288;

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

    /// <summary>
    /// A workload that runs strangers' programs makes a box of namespaces for each, as the same unprivileged user. That takes system calls that the default profiles
    /// refuse (unshare, mount, pivot_root), a <c>/proc</c> that is not masked and control groups that it may write. It keeps everything else: no root, no capability,
    /// no new privileges, no writable file but <c>/tmp</c>; and its pod is a user namespace of its own, so that even its root would be nobody on the node.
    /// </summary>
    public static Map Container(Workload workload)
    {
        var context = Container();
        if (!workload.RunsStrangersPrograms)
            return context;
        context["procMount"] = "Unmasked";
        context["seccompProfile"] = new Map { ["type"] = "Localhost", ["localhostProfile"] = BoxSeccomp };
        context["appArmorProfile"] = new Map { ["type"] = "Localhost", ["localhostProfile"] = BoxRuntime };
        return context;
    }
}
