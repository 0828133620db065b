using System.Globalization;

namespace TalentSphere.Judge.Sandbox;

/// <summary>
/// The groups under which this worker makes one leaf for each box. Memory and pids must be limited and processor time counted; in which hierarchy, is the
/// machine's business.
/// </summary>
internal sealed class CgroupTree : IDisposable
{
    private const string _prefix = "talentsphere-judge-";

    private static int _trees;
    private static long _leaves;

    private CgroupTree(string description, string? unified, bool unifiedLimits, string? memory, string? pids, string? cpu, string? accounting)
    {
        Description = description;
        Unified = unified;
        UnifiedLimits = unifiedLimits;
        Memory = memory;
        Pids = pids;
        Cpu = cpu;
        Accounting = accounting;
    }

    /// <summary>In words: v1, v2 or hybrid.</summary>
    public string Description { get; }

    /// <summary>Version 2's directory of this worker; null where there is none.</summary>
    public string? Unified { get; }

    /// <summary>True when version 2 has the memory and pids controllers.</summary>
    public bool UnifiedLimits { get; }

    /// <summary>Version 1's directories of this worker; null where version 2 does it, or nobody.</summary>
    public string? Memory { get; }

    public string? Pids { get; }

    public string? Cpu { get; }

    public string? Accounting { get; }

    /// <summary>Makes the worker's groups.</summary>
    /// <exception cref="SandboxException">Memory, pids or processor time cannot be had; it says which and why.</exception>
    public static CgroupTree Create(CgroupMounts mounts)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"{_prefix}{Environment.ProcessId}-{Interlocked.Increment(ref _trees)}");
        if (!mounts.Controllers.ContainsKey("memory"))
        {
            if (mounts.Unified is null)
                throw new SandboxException("no control groups are mounted");
            var directory = UnderVersion2(mounts.Unified, name);
            return new("v2", directory, unifiedLimits: true, null, null, null, null);
        }
        var memory = UnderVersion1(mounts, "memory", name) ?? throw new SandboxException("no memory controller");
        var pids = UnderVersion1(mounts, "pids", name) ?? throw new SandboxException("no pids controller");
        var cpu = TryUnderVersion1(mounts, "cpu", name);
        var accounting = TryUnderVersion1(mounts, "cpuacct", name);
        // Version 2 counts processor time and kills whole groups without any controller.
        var unified = mounts.Unified is { } v2 ? TryMake(v2.Own, name) : null;
        if (unified is null && accounting is null)
            throw new SandboxException("no cpuacct controller");
        return new(unified is null ? "v1" : "hybrid", unified, unifiedLimits: false, memory, pids, cpu, accounting);
    }

    /// <summary>Removes what workers left behind that were killed: their processes, if any, and their groups.</summary>
    public static void SweepDead(CgroupMounts mounts)
    {
        var hierarchies = mounts.Controllers.Values.Append(mounts.Unified).OfType<CgroupHierarchy>().Select(h => h.Own).Distinct();
        foreach (var directory in hierarchies.Where(Directory.Exists).SelectMany(d => Directory.EnumerateDirectories(d, _prefix + "*")))
        {
            var owner = Path.GetFileName(directory)[_prefix.Length..].Split('-')[0];
            if (owner.Length == 0 || Directory.Exists("/proc/" + owner))
                continue;
            foreach (var leaf in Directory.EnumerateDirectories(directory))
            {
                foreach (var process in CgroupLeaf.ProcessesOf(leaf))
                    Native.Kill(process);
                Native.TryRemoveDirectory(leaf);
            }
            Native.TryRemoveDirectory(directory);
        }
    }

    /// <summary>A fresh leaf with these limits and nobody in it.</summary>
    public CgroupLeaf CreateLeaf(BoxLimits limits)
    {
        var name = "box-" + Interlocked.Increment(ref _leaves).ToString(CultureInfo.InvariantCulture);
        return CgroupLeaf.Create(this, name, limits);
    }

    /// <summary>The worker's groups, one for each hierarchy.</summary>
    public IEnumerable<string> Directories => new[] { Memory, Pids, Cpu, Accounting, Unified }.OfType<string>().Distinct();

    public void Dispose()
    {
        foreach (var directory in Directories)
            Native.TryRemoveDirectory(directory);
    }

    private static string? UnderVersion1(CgroupMounts mounts, string controller, string name)
    {
        if (!mounts.Controllers.TryGetValue(controller, out var hierarchy))
            return null;
        return TryMake(hierarchy.Own, name) ?? throw new SandboxException($"{hierarchy.Own} is not writable");
    }

    private static string? TryUnderVersion1(CgroupMounts mounts, string controller, string name) =>
        mounts.Controllers.TryGetValue(controller, out var hierarchy) ? TryMake(hierarchy.Own, name) : null;

    /// <summary>
    /// The nearest group, from our own upwards, that lets its children limit memory and pids. A group with processes in it may not (the "no internal
    /// processes" rule), so that a worker alone in its own moves into a child first.
    /// </summary>
    private static string UnderVersion2(CgroupHierarchy hierarchy, string name)
    {
        string[] needed = ["memory", "pids"];
        for (var directory = hierarchy.Own; directory.Length >= hierarchy.MountPoint.Length; directory = Path.GetDirectoryName(directory)!)
        {
            if (!needed.All(Words(directory, "cgroup.controllers").Contains))
                continue;
            if (!needed.All(Words(directory, "cgroup.subtree_control").Contains))
            {
                if (directory == hierarchy.Own && !TryMoveAside(directory))
                    continue;
                if (!TryWrite(Path.Join(directory, "cgroup.subtree_control"), "+memory +pids"))
                    continue;
            }
            TryWrite(Path.Join(directory, "cgroup.subtree_control"), "+cpu");
            if (TryMake(directory, name) is not { } made)
                continue;
            if (TryWrite(Path.Join(made, "cgroup.subtree_control"), "+memory +pids"))
            {
                TryWrite(Path.Join(made, "cgroup.subtree_control"), "+cpu");
                return made;
            }
            Native.TryRemoveDirectory(made);
        }
        throw new SandboxException($"no group from {hierarchy.Own} upwards may limit memory and pids of a child");
    }

    private static bool TryMoveAside(string directory)
    {
        var own = Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        if (!CgroupLeaf.ProcessesOf(directory).SequenceEqual([Environment.ProcessId]))
            return false;
        return TryMake(directory, "worker") is { } aside && TryWrite(Path.Join(aside, "cgroup.procs"), own);
    }

    private static string[] Words(string directory, string file)
    {
        try
        {
            return File.ReadAllText(Path.Join(directory, file)).Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static string? TryMake(string parent, string name)
    {
        try
        {
            return Directory.CreateDirectory(Path.Join(parent, name)).FullName;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static bool TryWrite(string path, string text)
    {
        try
        {
            File.WriteAllText(path, text);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
