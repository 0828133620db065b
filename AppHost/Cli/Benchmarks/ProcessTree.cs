namespace TalentSphere.Cli.Benchmarks;

/// <summary>What a process and all that came from it use, by program, read from <c>/proc</c>.</summary>
/// <param name="ByName">The program → its memory and processor time, over all of its processes.</param>
public sealed record ProcessTree(IReadOnlyDictionary<string, ProcessUsage> ByName)
{
    // proc(5): utime and stime, and those of children that have ended, count in clock ticks, of which there are 100 a second on Linux.
    private const double _ticksPerSecond = 100;

    /// <summary>Reads it.</summary>
    public static ProcessTree Of(int root)
    {
        var processes = new Dictionary<int, (int Parent, string Name, TimeSpan Processor)>();
        foreach (var directory in Directory.GetDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(directory), out var pid) && Read(pid) is { } process)
                processes[pid] = process;
        }
        var usage = new Dictionary<string, ProcessUsage>();
        foreach (var (pid, process) in processes)
        {
            if (!DescendsFrom(root, pid, processes))
                continue;
            var sum = usage.GetValueOrDefault(process.Name) ?? new ProcessUsage(0, TimeSpan.Zero);
            usage[process.Name] = new(sum.Pss + Pss(pid), sum.Processor + process.Processor);
        }
        return new(usage);
    }

    private static bool DescendsFrom(int root, int pid, Dictionary<int, (int Parent, string Name, TimeSpan Processor)> processes)
    {
        for (var at = pid; processes.TryGetValue(at, out var process); at = process.Parent)
        {
            if (at == root)
                return true;
        }
        return false;
    }

    private static (int Parent, string Name, TimeSpan Processor)? Read(int pid)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            // The second field is the program's name in parentheses and may hold anything.
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            var arguments = File.ReadAllText($"/proc/{pid}/cmdline").Split('\0');
            var assembly = Array.Find(arguments, a => a.EndsWith(".dll", StringComparison.Ordinal));
            var name = assembly is not null ? Path.GetFileNameWithoutExtension(assembly) : stat[(stat.IndexOf('(') + 1)..stat.LastIndexOf(')')];
            return (int.Parse(fields[1]), name, TimeSpan.FromSeconds(fields[11..15].Sum(long.Parse) / _ticksPerSecond));
        }
        catch (IOException)
        {
            // It ended while it was read.
            return null;
        }
    }

    private static long Pss(int pid)
    {
        try
        {
            var line = File.ReadLines($"/proc/{pid}/smaps_rollup").FirstOrDefault(l => l.StartsWith("Pss:", StringComparison.Ordinal));
            return line is null ? 0 : long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]) * 1024;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }
}

/// <summary>What a program uses.</summary>
/// <param name="Pss">Proportional set size in bytes.</param>
/// <param name="Processor">Processor time since its start, its own and that of its children that have ended.</param>
public sealed record ProcessUsage(long Pss, TimeSpan Processor);
