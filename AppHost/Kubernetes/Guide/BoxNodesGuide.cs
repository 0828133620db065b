using TalentSphere.AppHost.Kubernetes.Nodes;
using TalentSphere.AppHost.Kubernetes.Workloads;

namespace TalentSphere.AppHost.Kubernetes.Guide;

/// <summary>The guide's section on the nodes of workloads that run strangers' programs; nothing where there are none.</summary>
internal static class BoxNodesGuide
{
    private const string _heading = "Nodes for strangers' programs";
    private const string _anchor = "nodes-for-strangers-programs";

    public static string Reference(MeshModel mesh) => Worker(mesh) is { } worker
        ? $"Before that, at least one node is made ready for the {worker.Name}: [{_heading}](#{_anchor}). Without such a node it does not start, and submissions wait."
        : "";

    public static string Section(MeshModel mesh) => Worker(mesh) is not { } worker ? "" : $"""
        ## {_heading}

        The {worker.Name} makes a box of namespaces for each program, without any privilege. A runtime's default profiles refuse that to a container; three files in `nodes/` allow it what it
        needs and nothing else. They go to the nodes before a pod does, by whatever makes your nodes (an image, cloud-init, Ansible), and not by a privileged DaemonSet: our own policies would refuse one.

        | file | place on the node | what it is |
        |---|---|---|
        | `{BoxNodes.SeccompFile}` | `{BoxNodes.SeccompPlace}` | system calls: everything is refused that is not named |
        | `{BoxNodes.AppArmorFile}` | `{BoxNodes.AppArmorPlace}` | mounts, user namespaces, the kernel's files |
        | `{BoxNodes.RuntimeFile}` | `{BoxNodes.RuntimePlace}` | the runtime whose containers may write their own control group |

        Such a node has: x86-64; Linux 6.3 or later with control groups version 2; containerd 2.1 or later with runc 1.2 or later, and systemd as the driver of control groups for it and for the kubelet;
        user namespaces for pods (on by default since Kubernetes 1.33); AppArmor 4 (Ubuntu 24.04, Debian 13). Where AppArmor is missing, the kubelet refuses the pod: there an overlay of your own
        removes `appArmorProfile`, and says so to whoever answers for it.

        ```sh
        # On the node, as root, from a checkout.
        install -D -m 0644 k8s/{BoxNodes.SeccompFile} {BoxNodes.SeccompPlace}
        install -D -m 0644 k8s/{BoxNodes.AppArmorFile} {BoxNodes.AppArmorPlace}
        apparmor_parser --replace {BoxNodes.AppArmorPlace}
        install -D -m 0644 k8s/{BoxNodes.RuntimeFile} {BoxNodes.RuntimePlace}
        # Reads the last one if config.toml has: imports = ["/etc/containerd/conf.d/*.toml"]
        systemctl restart containerd
        # Each of these prints something, or a step before has not worked; the other runtimes are still there too.
        grep {PodHardening.BoxRuntime} /sys/kernel/security/apparmor/profiles
        containerd config dump | grep runtimes
        ```

        Then, from where the cluster is operated:

        ```sh
        kubectl label node NODE {BoxNodes.Label}=true
        kubectl -n {KubernetesNames.Namespace} rollout status deployment/{worker.Name} --timeout=10m
        # "This worker judges: …" with slots, control groups and languages, or "This worker may not judge: …" with what is missing.
        kubectl -n {KubernetesNames.Namespace} logs deployment/{worker.Name}
        ```

        A file that changes with a release goes to the nodes before the release does: a profile that allows more than the old {worker.Name} needs does it no harm, and a missing one keeps the new one from starting.

        **None of the three has been tried on a node yet.** The AppArmor profile has not been loaded into a kernel, and the runtime's file has been read by no containerd: try them on one node first.
        """;

    private static Workload? Worker(MeshModel mesh) => mesh.Workloads.FirstOrDefault(w => w.RunsStrangersPrograms);
}
