using TalentSphere.AppHost.Kubernetes.Workloads;

namespace TalentSphere.AppHost.Kubernetes.Nodes;

/// <summary>
/// What a node needs that may run strangers' programs and no API server can hand it: files that are put in their places when the node is made. A pod that did that
/// would have to be root on the node, which our own policies refuse.
/// </summary>
internal sealed class BoxNodes : IManifestSection
{
    /// <summary>The label of nodes that have all of it.</summary>
    public const string Label = "talentsphere.io/boxes";

    public const string SeccompFile = $"nodes/seccomp/{PodHardening.BoxRuntime}.json";
    public const string AppArmorFile = $"nodes/apparmor/{PodHardening.BoxRuntime}";
    public const string RuntimeFile = $"nodes/containerd/{PodHardening.BoxRuntime}.toml";

    /// <summary>Where a node has them. The kubelet looks for a Localhost profile of seccomp below its own folder.</summary>
    public const string SeccompPlace = $"/var/lib/kubelet/seccomp/{PodHardening.BoxSeccomp}";
    public const string AppArmorPlace = $"/etc/apparmor.d/{PodHardening.BoxRuntime}";
    public const string RuntimePlace = $"/etc/containerd/conf.d/{PodHardening.BoxRuntime}.toml";

    private const string _runtime = $"""
        # The runtime that the RuntimeClass {PodHardening.BoxRuntime} names. containerd 2.1 or later; goes to {RuntimePlace}, which config.toml imports.
        version = 3

        [plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.{PodHardening.BoxRuntime}]
          runtime_type = 'io.containerd.runc.v2'
          # /sys/fs/cgroup of its containers is theirs to write: their own group and what is below it, no other.
          cgroup_writable = true

          [plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.{PodHardening.BoxRuntime}.options]
            # As the other runtimes have it. It is systemd's driver that gives a container's group to the container's user.
            SystemdCgroup = true

        """;

    public IEnumerable<ManifestFile> Write(MeshModel mesh)
    {
        if (!mesh.Workloads.Any(w => w.RunsStrangersPrograms))
            yield break;
        yield return Seccomp();
        yield return new(AppArmorFile) { Text = $"# {ManifestFile.Mark}\n{BoxAppArmorProfile.Text}" };
        yield return new(RuntimeFile) { Text = $"# {ManifestFile.Mark}\n{_runtime}" };
    }

    public static ManifestFile Seccomp() => new(SeccompFile) { Text = BoxSeccompProfile.Json() };
}
