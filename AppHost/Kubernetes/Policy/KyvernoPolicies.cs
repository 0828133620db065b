namespace TalentSphere.AppHost.Kubernetes.Policy;

/// <summary>
/// What the cluster refuses to run under our label, whoever wrote it: the hardening that our own pods have. They are of this namespace only. Pods that operators
/// make are theirs, and a proxy that Istio adds is Istio's.
/// </summary>
internal sealed class KyvernoPolicies : IManifestSection
{
    public IEnumerable<ManifestFile> Write(MeshModel mesh)
    {
        yield return Policy("non-root", "Pods run as a user above 10000 and never as root.", Everything(), new Map
        {
            ["spec"] = new Map { ["securityContext"] = new Map { ["runAsNonRoot"] = true, ["runAsUser"] = ">10000", ["runAsGroup"] = ">10000" } },
        });
        yield return Policy("seccomp", "Pods run under a seccomp profile.", Everything(), new Map
        {
            ["spec"] = new Map { ["securityContext"] = new Map { ["seccompProfile"] = new Map { ["type"] = "RuntimeDefault | Localhost" } } },
        });
        yield return Policy("read-only-root", "Containers cannot write to their own files.", Everything(), Containers(new()
        {
            ["securityContext"] = new Map { ["readOnlyRootFilesystem"] = true },
        }));
        yield return Policy("no-privileges", "Containers hold no capability and gain no privilege.", Everything(), Containers(new()
        {
            ["securityContext"] = new Map
            {
                ["allowPrivilegeEscalation"] = false,
                ["=(privileged)"] = false,
                ["capabilities"] = new Map { ["drop"] = new[] { "ALL" }, ["X(add)"] = "null" },
            },
        }));
        yield return Policy("no-host", "Pods share nothing with their node.", Everything(), new Map
        {
            ["spec"] = new Map
            {
                ["=(hostNetwork)"] = false,
                ["=(hostPID)"] = false,
                ["=(hostIPC)"] = false,
                ["=(volumes)"] = new[] { new Map { ["X(hostPath)"] = "null" } },
            },
        });
        yield return Policy("no-token", "Processes of the mesh have no way into the API server.", Processes(), new Map
        {
            ["spec"] = new Map { ["automountServiceAccountToken"] = false },
        });
        yield return Policy("resources", "Containers say what they need and what they may take.", Everything(), Containers(new()
        {
            ["resources"] = new Map
            {
                ["requests"] = new Map { ["cpu"] = "?*", ["memory"] = "?*" },
                ["limits"] = new Map { ["cpu"] = "?*", ["memory"] = "?*" },
            },
        }));
        yield return Policy("probes", "Processes of the mesh can be asked whether they started, are ready and are alive.", Processes(), Containers(new()
        {
            ["startupProbe"] = Probe("/health/startup"),
            ["readinessProbe"] = Probe("/ready"),
            ["livenessProbe"] = Probe("/health"),
        }));
        yield return Policy("no-latest", "An image says which one it is.", Everything(), Containers(new() { ["image"] = "*:* & !*:latest" }));
        yield return Policy("registry", "Processes of the mesh come from its own registry.", Processes(), Containers(new()
        {
            ["image"] = string.Join(" | ", mesh.Workloads.Select(KubernetesNames.ImageOf).Select(i => i[..(i.LastIndexOf('/') + 1)] + "*").Distinct(StringComparer.Ordinal)),
        }));
    }

    private static ManifestFile Policy(string name, string message, Map match, Map pattern)
    {
        var policy = KubernetesNames.Document("kyverno.io/v1", "Policy", name, new()
        {
            [KubernetesNames.PartOfLabel] = KubernetesNames.Namespace,
            [KubernetesNames.ComponentLabel] = "policy",
        });
        policy["spec"] = new Map
        {
            ["background"] = true,
            ["rules"] = new[]
            {
                new Map
                {
                    ["name"] = name,
                    ["match"] = new Map { ["any"] = new[] { new Map { ["resources"] = match } } },
                    ["validate"] = new Map { ["failureAction"] = "Enforce", ["message"] = message, ["pattern"] = pattern },
                },
            },
        };
        return new($"policy/kyverno/{name}.yaml", policy);
    }

    private static Map Everything() => Pods(new() { ["matchLabels"] = new Map { [KubernetesNames.PartOfLabel] = KubernetesNames.Namespace } });

    private static Map Processes() => Pods(new()
    {
        ["matchLabels"] = new Map { [KubernetesNames.PartOfLabel] = KubernetesNames.Namespace },
        ["matchExpressions"] = new[]
        {
            new Map
            {
                ["key"] = KubernetesNames.ComponentLabel,
                ["operator"] = "In",
                ["values"] = Enum.GetValues<WorkloadKind>().Select(KubernetesNames.ComponentOf),
            },
        },
    });

    private static Map Pods(Map selector) => new() { ["kinds"] = new[] { "Pod" }, ["selector"] = selector };

    /// <summary>For every container but Istio's: a key in parentheses is a condition.</summary>
    private static Map Containers(Map pattern)
    {
        var each = new Map { ["(name)"] = "!istio-proxy" };
        foreach (var (key, value) in pattern)
            each[key] = value;
        return new() { ["spec"] = new Map { ["containers"] = new[] { each } } };
    }

    private static Map Probe(string path) => new() { ["httpGet"] = new Map { ["path"] = path } };
}
