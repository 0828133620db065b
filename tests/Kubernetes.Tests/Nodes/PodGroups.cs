using System.Globalization;

namespace TalentSphere.Kubernetes.Tests.Nodes;

/// <summary>
/// The control groups of one pod, which it may write, as a runtime with writable control groups gives them: one in each hierarchy of this machine that limits or
/// counts what boxes use. There are none where this user may not make them, or where version 2 lends no controllers.
/// </summary>
internal sealed class PodGroups : IDisposable
{
    private static readonly string[] _controllers = ["memory", "pids", "cpu", "cpuacct"];

    private static int _pods;

    private PodGroups(IReadOnlyList<string> folders) => Folders = folders;

    /// <summary>Where they lie; empty for none.</summary>
    public IReadOnlyList<string> Folders { get; }

    public static PodGroups Create()
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"talentsphere-pod-{Environment.ProcessId}-{Interlocked.Increment(ref _pods)}");
        List<string> made = [];
        try
        {
            // id parent device root mountpoint options… - type source superoptions (proc(5))
            var mounts = File.ReadLines("/proc/self/mountinfo").Select(l => l.Split(" - ")).Select(l => (Place: l[0].Split(' ')[4], Of: l[1].Split(' '))).ToList();
            foreach (var (place, of) in mounts.Where(m => m.Of[0] == "cgroup2" || m is { Of: ["cgroup", _, var options] } && options.Split(',').Intersect(_controllers).Any()))
            {
                if (of[0] == "cgroup2" && mounts.TrueForAll(m => m.Of[0] != "cgroup"))
                    File.WriteAllText(Path.Join(place, "cgroup.subtree_control"), "+memory +pids +cpu");
                made.Add(Directory.CreateDirectory(Path.Join(place, name)).FullName);
            }
            return new(made);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Console.WriteLine($"The judge's pod gets no control groups of its own here ({e.Message}) and judges without.");
            new PodGroups(made).Dispose();
            return new([]);
        }
    }

    public void Dispose()
    {
        foreach (var folder in Folders)
            Directory.Delete(folder);
    }
}
