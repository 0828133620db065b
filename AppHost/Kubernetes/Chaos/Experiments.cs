using TalentSphere.AppHost.Kubernetes.Policy;
using TalentSphere.AppHost.Kubernetes.Workloads;

namespace TalentSphere.AppHost.Kubernetes.Chaos;

/// <summary>
/// Breaking one thing at a time on purpose, with what is in the cluster anyway: pods are killed by a Job, requests are delayed and refused by the proxies, and a
/// server is cut off by taking its network policies away. In no overlay: somebody applies one, watches, and undoes it.
/// </summary>
internal sealed class Experiments : IManifestSection
{
    private const string _account = "chaos";
    private const string _image = "registry.k8s.io/kubectl:v1.34.1";

    public IEnumerable<ManifestFile> Write(MeshModel mesh)
    {
        yield return Account();
        yield return new("chaos/reach-the-api.yaml", NetworkEdge.Policy(
            "chaos-to-api", labels: null, KubernetesNames.Selector(_account), egress: NetworkEdge.Rule("to", new() { ["ipBlock"] = new Map { ["cidr"] = "0.0.0.0/0" } }, 443, 6443)));
        foreach (var workload in mesh.Workloads)
        {
            yield return Experiment(
                $"kill-{workload.Name}", "delete", "pods", $"--selector={KubernetesNames.NameLabel}={workload.Name}", "--grace-period=0", "--force", "--wait=false");
        }
        foreach (var server in mesh.Servers)
        {
            yield return Experiment(
                $"cut-off-{server.Name}", "delete", "networkpolicies", $"--selector={NetworkEdge.ToLabel}={server.Name},{NetworkEdge.FromLabel}!={server.Name}");
        }
        foreach (var called in mesh.Workloads.Where(w => mesh.CallersOf(w.Name).Any(c => c.Kind != WorkloadKind.Gateway) || w.Kind == WorkloadKind.Service))
        {
            yield return Fault("slow", called.Name, new() { ["delay"] = new Map { ["percentage"] = new Map { ["value"] = 50 }, ["fixedDelay"] = "3s" } });
            yield return Fault("failing", called.Name, new() { ["abort"] = new Map { ["percentage"] = new Map { ["value"] = 30 }, ["httpStatus"] = 503 } });
        }
    }

    private static ManifestFile Account()
    {
        var labels = KubernetesNames.Labels(_account, "chaos");
        var account = KubernetesNames.Document("v1", "ServiceAccount", _account, labels);
        var role = KubernetesNames.Document("rbac.authorization.k8s.io/v1", "Role", _account, labels);
        role["rules"] = new[]
        {
            Rule("", "pods"),
            Rule("networking.k8s.io", "networkpolicies"),
        };
        var binding = KubernetesNames.Document("rbac.authorization.k8s.io/v1", "RoleBinding", _account, labels);
        binding["roleRef"] = new Map { ["apiGroup"] = "rbac.authorization.k8s.io", ["kind"] = "Role", ["name"] = _account };
        binding["subjects"] = new[] { new Map { ["kind"] = "ServiceAccount", ["name"] = _account, ["namespace"] = KubernetesNames.Namespace } };
        return new("chaos/account.yaml", account, role, binding) { Why = "May take pods and network policies away, in this namespace, and nothing else." };
    }

    private static Map Rule(string group, string resource) => new()
    {
        ["apiGroups"] = new[] { group },
        ["resources"] = new[] { resource },
        ["verbs"] = new[] { "get", "list", "delete" },
    };

    /// <summary>A CronJob that never comes due by itself: <c>kubectl create job --from=cronjob/…</c> runs it once.</summary>
    private static ManifestFile Experiment(string name, params string[] arguments)
    {
        var labels = KubernetesNames.Labels(_account, "chaos");
        labels["talentsphere.io/needs-api"] = "true";
        var job = KubernetesNames.Document("batch/v1", "CronJob", name, labels);
        job["spec"] = new Map
        {
            ["suspend"] = true,
            ["schedule"] = "0 0 1 1 *",
            ["concurrencyPolicy"] = "Forbid",
            ["jobTemplate"] = new Map
            {
                ["spec"] = new Map
                {
                    ["backoffLimit"] = 0,
                    ["ttlSecondsAfterFinished"] = 3600,
                    ["template"] = new Map
                    {
                        ["metadata"] = new Map { ["labels"] = labels },
                        ["spec"] = new Map
                        {
                            ["serviceAccountName"] = _account,
                            ["automountServiceAccountToken"] = true,
                            ["restartPolicy"] = "Never",
                            ["securityContext"] = PodHardening.Pod(),
                            ["containers"] = new[]
                            {
                                new Map
                                {
                                    ["name"] = "kubectl",
                                    ["image"] = _image,
                                    ["args"] = arguments.Prepend($"--namespace={KubernetesNames.Namespace}"),
                                    ["resources"] = PodResources.Bounds("50m", "64Mi", "200m", "128Mi"),
                                    ["securityContext"] = PodHardening.Container(),
                                },
                            },
                        },
                    },
                },
            },
        };
        return new($"chaos/{name}.yaml", job);
    }

    /// <summary>Stands in for the routes of the same name, so that applying those again undoes it. Hence not among the resources that belong together.</summary>
    private static ManifestFile Fault(string what, string workload, Map fault) =>
        new($"chaos/faults/{what}-{workload}.yaml", IstioPolicies.Routes(workload, fault)) { Why = $"Undone by: kubectl apply -f k8s/policy/istio/{workload}-routes.yaml", IsPart = true };
}
