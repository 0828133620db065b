namespace TalentSphere.Judge.Sandbox;

/// <summary>One hierarchy of control groups and this process' own place in it.</summary>
/// <param name="MountPoint">Where the hierarchy is mounted.</param>
/// <param name="Own">The directory of this process' own group; the mount point or below it.</param>
internal sealed record CgroupHierarchy(string MountPoint, string Own);

/// <summary>
/// Which control groups this machine has: version 1 (a hierarchy for each controller), version 2 (one for all) or both beside each other (hybrid). Read from
/// <c>/proc/self/mountinfo</c> and <c>/proc/self/cgroup</c> (proc(5), cgroups(7)), never assumed.
/// </summary>
internal sealed record CgroupMounts(IReadOnlyDictionary<string, CgroupHierarchy> Controllers, CgroupHierarchy? Unified)
{
    public static CgroupMounts OfThisProcess() => Parse(File.ReadLines("/proc/self/mountinfo"), File.ReadLines("/proc/self/cgroup"));

    /// <summary>Reads both files; of several mounts of one hierarchy the last, which is the one that is seen.</summary>
    public static CgroupMounts Parse(IEnumerable<string> mountInfo, IEnumerable<string> ownGroups)
    {
        // hierarchy:controller,controller:/path, and 0::/path for version 2.
        var own = new Dictionary<string, string>();
        foreach (var line in ownGroups)
        {
            if (line.Split(':', 3) is [_, var controllers, var path])
            {
                foreach (var controller in controllers.Split(','))
                    own[controller] = path;
            }
        }
        var found = new Dictionary<string, CgroupHierarchy>();
        CgroupHierarchy? unified = null;
        foreach (var line in mountInfo)
        {
            // id parent device root mountpoint options… - type source superoptions
            if (line.Split(" - ", 2) is not [var left, var right] || left.Split(' ') is not [_, _, _, var root, var mountPoint, ..])
                continue;
            switch (right.Split(' '))
            {
                case ["cgroup2", ..] when own.TryGetValue("", out var path):
                    unified = Place(mountPoint, root, path);
                    break;
                case ["cgroup", _, var options, ..]:
                    foreach (var controller in options.Split(',').Where(o => o.Length > 0 && own.ContainsKey(o)))
                        found[controller] = Place(mountPoint, root, own[controller]);
                    break;
            }
        }
        return new(found, unified);
    }

    /// <summary>In a container only a part of the hierarchy is mounted: what lies above it has no directory here.</summary>
    private static CgroupHierarchy Place(string mountPoint, string root, string path)
    {
        var below = root == "/" ? path : path == root ? "/" : path.StartsWith(root + "/", StringComparison.Ordinal) ? path[root.Length..] : "/";
        var own = Path.Join(mountPoint, below).TrimEnd('/');
        return new(mountPoint, own.Contains("/..", StringComparison.Ordinal) ? mountPoint : own);
    }
}
