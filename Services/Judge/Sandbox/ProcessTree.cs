using System.Globalization;

namespace TalentSphere.Judge.Sandbox;

/// <summary>
/// Where no control groups can be made: the processes below the box's first one, found in <c>/proc</c>. Coarser, in ticks of ten milliseconds, and blind for
/// what comes and goes between two looks but for the time that parents inherit from their children.
/// </summary>
internal sealed class ProcessTree : BoxGroup
{
    private const int _ticksPerSecond = 100;

    private int _root;
    private TimeSpan _cpu;
    private long _peak;

    public override IReadOnlyList<string> Entrances => [];

    public override bool CountsTheDead => false;

    public override bool IsEmpty => _root == 0 || Tree().Count == 0;

    public override void Started(int processId) => _root = processId;

    public override void Ended(TimeSpan cpu, long largestBytes) => (_cpu, _peak) = (cpu > _cpu ? cpu : _cpu, Math.Max(_peak, largestBytes));

    public override TimeSpan CpuTime()
    {
        long ticks = 0;
        long resident = 0;
        foreach (var process in Tree())
        {
            // pid (name) state …: the name may hold anything, so that fields count from its last parenthesis. utime is the 14th of all, rss the 24th.
            if (Read($"/proc/{process}/stat") is not { } stat)
                continue;
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            for (var field = 11; field <= 14; field++)
                ticks += long.Parse(fields[field], CultureInfo.InvariantCulture);
            resident += long.Parse(fields[21], CultureInfo.InvariantCulture) * Environment.SystemPageSize;
        }
        _peak = Math.Max(_peak, resident);
        var now = TimeSpan.FromSeconds((double)ticks / _ticksPerSecond);
        return _cpu = now > _cpu ? now : _cpu;
    }

    public override long PeakBytes() => _peak;

    public override bool RanOutOfMemory() => false;

    public override void Kill()
    {
        // The namespace's first process takes all others with it.
        foreach (var process in Tree())
            Native.Kill(process);
    }

    public override bool TryRemove() => IsEmpty;

    private List<int> Tree()
    {
        var found = new List<int>();
        if (_root != 0 && Directory.Exists($"/proc/{_root}"))
            found.Add(_root);
        for (var i = 0; i < found.Count; i++)
        {
            var children = Read($"/proc/{found[i]}/task/{found[i]}/children") ?? "";
            found.AddRange(children.Split([' ', '\n', '\0'], StringSplitOptions.RemoveEmptyEntries).Select(c => int.Parse(c, CultureInfo.InvariantCulture)));
        }
        return found;
    }

    private static string? Read(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
