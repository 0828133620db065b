namespace TalentSphere.AppHost.Kubernetes.Platform;

/// <summary>The namespace, and what its pods may be at most before any policy engine is asked.</summary>
internal sealed class ClusterNamespace : IManifestSection
{
    public IEnumerable<ManifestFile> Write(MeshModel mesh)
    {
        yield return new("platform/namespace/namespace.yaml", new Map
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Namespace",
            ["metadata"] = new Map
            {
                ["name"] = KubernetesNames.Namespace,
                ["labels"] = new Map
                {
                    [KubernetesNames.PartOfLabel] = KubernetesNames.Namespace,
                    ["pod-security.kubernetes.io/enforce"] = "baseline",
                    ["pod-security.kubernetes.io/warn"] = "restricted",
                    ["pod-security.kubernetes.io/audit"] = "restricted",
                },
            },
        });
        if (!mesh.Workloads.Any(w => w.RunsStrangersPrograms))
            yield break;
        yield return new("platform/namespace/runtimeclass.yaml", new Map
        {
            ["apiVersion"] = "node.k8s.io/v1",
            ["kind"] = "RuntimeClass",
            ["metadata"] = new Map { ["name"] = Workloads.PodHardening.BoxRuntime, ["labels"] = new Map { [KubernetesNames.PartOfLabel] = KubernetesNames.Namespace } },
            ["handler"] = Workloads.PodHardening.BoxRuntime,
            ["scheduling"] = new Map { ["nodeSelector"] = new Map { [Nodes.BoxNodes.Label] = "true" } },
        })
        {
            Why = """
                Nodes that may run strangers' programs carry the label talentsphere.io/boxes=true. Each needs: control groups version 2, user namespaces for pods
                (hostUsers: false), and what lies in k8s/nodes: a containerd 2.1 runtime of this name with cgroup_writable = true, and the seccomp and AppArmor profiles
                that the judge's Deployment names. Without a runtime or a profile the pod does not start; what else is missing the judge's readiness tells, and submissions wait.
                """,
        };
    }
}
