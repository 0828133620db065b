namespace TalentSphere.Kubernetes.Tests.Rules;

/// <summary>What a pod asks of its node lies in <c>k8s/nodes</c>, under the name that it asks for, and the guide puts it where the node looks.</summary>
internal static class NodeRules
{
    public static IReadOnlyList<ManifestRule> All { get; } = [new("node-seccomp", Seccomp), new("node-apparmor", AppArmor), new("node-runtime", Runtime)];

    private static IEnumerable<Wrong> Seccomp(RenderedSet set)
    {
        foreach (var (owner, path, profile) in Profiles(set, "seccompProfile"))
        {
            var file = $"nodes/seccomp/{Path.GetFileName(profile)}";
            if (!IsThere(file))
                yield return (owner, path, $"'{profile}' is no file of ours: there is no {file}");
            else if (!IsPlaced(file, $"/var/lib/kubelet/seccomp/{profile}"))
                yield return (owner, path, $"the guide does not put {file} where the kubelet looks for '{profile}'");
        }
    }

    private static IEnumerable<Wrong> AppArmor(RenderedSet set)
    {
        foreach (var (owner, path, profile) in Profiles(set, "appArmorProfile"))
        {
            var file = $"nodes/apparmor/{profile}";
            if (!IsThere(file))
                yield return (owner, path, $"'{profile}' is no profile of ours: there is no {file}");
            // The kernel knows a profile by the name that stands in it.
            else if (!Read(file).Split('\n').Any(l => l.StartsWith($"profile {profile} ", StringComparison.Ordinal)))
                yield return (owner, path, $"{file} holds no profile of that name");
            else if (!IsPlaced(file, $"/etc/apparmor.d/{profile}"))
                yield return (owner, path, $"the guide does not put {file} anywhere");
        }
    }

    private static IEnumerable<Wrong> Runtime(RenderedSet set)
    {
        foreach (var owner in set.WithPods.Where(o => o.PodSpec.Text("runtimeClassName") is not null))
        {
            if (set.Find("RuntimeClass", owner.PodSpec.Text("runtimeClassName")) is not { } runtime)
            {
                yield return (owner, $"{owner.PodSpecPath}.runtimeClassName", $"there is no RuntimeClass '{owner.PodSpec.Text("runtimeClassName")}'");
                continue;
            }
            var handler = runtime.Body.Text("handler");
            var file = $"nodes/containerd/{handler}.toml";
            if (!IsThere(file) || !Read(file).Contains($".containerd.runtimes.{handler}]", StringComparison.Ordinal))
                yield return (runtime, "handler", $"no runtime of ours is called '{handler}'");
            else if (!IsPlaced(file, $"/etc/containerd/conf.d/{handler}.toml"))
                yield return (runtime, "handler", $"the guide does not put {file} anywhere");
        }
    }

    private static IEnumerable<(Manifest Owner, string Path, string Profile)> Profiles(RenderedSet set, string kind)
    {
        foreach (var owner in set.WithPods)
        {
            if (owner.PodSpec.Text("securityContext", kind, "localhostProfile") is { } ofPod)
                yield return (owner, $"{owner.PodSpecPath}.securityContext.{kind}", ofPod);
            foreach (var (container, path) in owner.AllContainers)
            {
                if (container.Text("securityContext", kind, "localhostProfile") is { } profile)
                    yield return (owner, $"{path}.securityContext.{kind}", profile);
            }
        }
    }

    private static bool IsThere(string file) => File.Exists(Path.Combine(Checkout.Manifests, file));

    private static string Read(string file) => File.ReadAllText(Path.Combine(Checkout.Manifests, file));

    private static bool IsPlaced(string file, string place) => Read("README.md").Split('\n').Any(l => l.StartsWith("install ", StringComparison.Ordinal) && l.EndsWith($" k8s/{file} {place}", StringComparison.Ordinal));
}
