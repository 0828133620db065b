using System.Globalization;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace TalentSphere.Judge.Sandbox;

/// <summary>The control groups of one box: limits memory (swap included), processes and processors, counts what was used and ends everything in it.</summary>
internal sealed class CgroupLeaf : BoxGroup
{
    private const int _cpuPeriod = 100_000;

    private readonly string? _unified;
    private readonly bool _unifiedLimits;
    private readonly string? _memory;
    private readonly string? _pids;
    private readonly string? _cpu;
    private readonly string? _accounting;
    private readonly List<string> _directories = [];
    private readonly SafeFileHandle _time;

    private CgroupLeaf(CgroupTree tree, string name, BoxLimits limits)
    {
        string? In(string? parent)
        {
            if (parent is null)
                return null;
            var directory = Path.Join(parent, name);
            // One hierarchy may have several of the controllers.
            if (!_directories.Contains(directory))
            {
                Native.MakeDirectory(directory);
                _directories.Add(directory);
            }
            return directory;
        }
        _unifiedLimits = tree.UnifiedLimits;
        _unified = In(tree.Unified);
        _memory = In(tree.Memory);
        _pids = In(tree.Pids);
        _cpu = In(tree.Cpu);
        _accounting = _unified is null ? In(tree.Accounting) : null;
        // In version 1 who moves itself alone, as a task, does not wait for the whole machine to take notice.
        Entrances = [.. _directories.Select(directory => Path.Join(directory, directory == _unified ? "cgroup.procs" : "tasks"))];
        var quota = (long)(limits.Processors * _cpuPeriod);
        if (_unifiedLimits)
        {
            Write(_unified, "memory.max", limits.MemoryBytes);
            TryWrite(_unified, "memory.swap.max", "0");
            TryWrite(_unified, "memory.oom.group", "1");
            Write(_unified, "pids.max", limits.Processes);
            TryWrite(_unified, "cpu.max", string.Create(CultureInfo.InvariantCulture, $"{quota} {_cpuPeriod}"));
        }
        else
        {
            Write(_memory, "memory.limit_in_bytes", limits.MemoryBytes);
            // Not there where the kernel does not count swap; then there is none to be had beside the limit, or swappiness keeps from it.
            if (!TryWrite(_memory, "memory.memsw.limit_in_bytes", limits.MemoryBytes.ToString(CultureInfo.InvariantCulture)))
                TryWrite(_memory, "memory.swappiness", "0");
            Write(_pids, "pids.max", limits.Processes);
            TryWrite(_cpu, "cpu.cfs_quota_us", quota.ToString(CultureInfo.InvariantCulture));
        }
        _time = File.OpenHandle(_unified is not null ? Path.Join(_unified, "cpu.stat") : Path.Join(_accounting, "cpuacct.usage"));
    }

    /// <inheritdoc/>
    public override IReadOnlyList<string> Entrances { get; }

    /// <inheritdoc/>
    public override bool CountsTheDead => true;

    public static CgroupLeaf Create(CgroupTree tree, string name, BoxLimits limits)
    {
        try
        {
            return new(tree, name, limits);
        }
        catch (Exception e) when (e is SandboxException or IOException or UnauthorizedAccessException)
        {
            foreach (var parent in new[] { tree.Unified, tree.Memory, tree.Pids, tree.Cpu, tree.Accounting }.OfType<string>())
                Native.TryRemoveDirectory(Path.Join(parent, name));
            throw new SandboxException("control groups: " + e.Message);
        }
    }

    /// <inheritdoc/>
    public override TimeSpan CpuTime()
    {
        Span<byte> buffer = stackalloc byte[512];
        var text = buffer[..RandomAccess.Read(_time, buffer, 0)];
        if (_unified is null)
            return TimeSpan.FromMicroseconds(Number(text) / 1000.0);
        return text.StartsWith("usage_usec "u8)
            ? TimeSpan.FromMicroseconds(Number(text["usage_usec ".Length..]))
            : throw new SandboxException("cpu.stat does not begin with usage_usec");
    }

    /// <summary>Pressure stall information, cpu: some (psi(7)).</summary>
    public override TimeSpan? WaitedForProcessor()
    {
        const string key = "total=";
        if (_unified is null || Native.TryReadFile(Path.Join(_unified, "cpu.pressure")) is not { } pressure)
            return null;
        var some = pressure.Split('\n')[0];
        var at = some.IndexOf(key, StringComparison.Ordinal);
        return some.StartsWith("some ", StringComparison.Ordinal) && at > 0
            ? TimeSpan.FromMicroseconds(long.Parse(some.AsSpan(at + key.Length), CultureInfo.InvariantCulture))
            : null;
    }

    /// <summary>Pages of files that were read for the first time are included.</summary>
    public override long PeakBytes() => _unifiedLimits ? ReadNumber(_unified, "memory.peak") : ReadNumber(_memory, "memory.max_usage_in_bytes");

    /// <inheritdoc/>
    public override bool RanOutOfMemory()
    {
        var (directory, file) = _unifiedLimits ? (_unified, "memory.events") : (_memory, "memory.oom_control");
        return Array.Exists(Read(directory, file).Split('\n'), l => l.StartsWith("oom_kill ", StringComparison.Ordinal) && l != "oom_kill 0");
    }

    /// <summary>True when a process was refused for want of pids.</summary>
    public bool RanOutOfProcesses() => Read(_unifiedLimits ? _unified : _pids, "pids.events").TrimEnd() != "max 0";

    /// <inheritdoc/>
    public override bool IsEmpty => _unified is null
        ? !ProcessesOf(_pids!).Any()
        : Native.TryReadFile(Path.Join(_unified, "cgroup.events"))?.Contains("populated 1", StringComparison.Ordinal) is not true;

    /// <summary>Where the kernel cannot do that at once, the processes are ended one by one; whoever is new is found the next time.</summary>
    public override void Kill()
    {
        if (TryWrite(_unified, "cgroup.kill", "1"))
            return;
        foreach (var process in ProcessesOf(_unified ?? _pids!))
            Native.Kill(process);
    }

    /// <inheritdoc/>
    public override bool TryRemove()
    {
        _time.Dispose();
        // All of them, also when the first is still busy.
        return _directories.Count(directory => !Native.TryRemoveDirectory(directory)) == 0;
    }

    public static IEnumerable<int> ProcessesOf(string directory)
    {
        try
        {
            return [.. File.ReadLines(Path.Join(directory, "cgroup.procs")).Select(l => int.Parse(l, CultureInfo.InvariantCulture))];
        }
        catch (IOException)
        {
            return [];
        }
    }

    private static long Number(ReadOnlySpan<byte> text)
    {
        var end = text.IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        return long.Parse(Encoding.ASCII.GetString(end < 0 ? text : text[..end]), CultureInfo.InvariantCulture);
    }

    private static long ReadNumber(string? directory, string file) => long.Parse(Read(directory, file), CultureInfo.InvariantCulture);

    private static string Read(string? directory, string file) =>
        Native.TryReadFile(Path.Join(directory, file)) ?? throw new SandboxException($"{file}: {Native.LastError}");

    private static void Write(string? directory, string file, long value)
    {
        if (!TryWrite(directory, file, value.ToString(CultureInfo.InvariantCulture)))
            throw new SandboxException($"{file}: {Native.LastError}");
    }

    private static bool TryWrite(string? directory, string file, string text) => directory is not null && Native.TryWriteFile(Path.Join(directory, file), text);
}
