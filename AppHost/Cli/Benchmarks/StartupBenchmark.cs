using System.Diagnostics;
using TalentSphere.Cli.Commands;
using TalentSphere.Cli.Machine;
using TalentSphere.Cli.Mesh;

namespace TalentSphere.Cli.Benchmarks;

/// <summary>
/// How long a built mesh takes to be healthy, and what it then costs to let it stand: memory as proportional set size (shared pages
/// count once), processor time over a minute of nobody asking.
/// </summary>
public static class StartupBenchmark
{
    // The runtime compiles once more, in the background, what was called thirty times: what is called every ten seconds has been after five minutes.
    private static readonly TimeSpan _settle = TimeSpan.FromSeconds(330);
    private static readonly TimeSpan _window = TimeSpan.FromSeconds(60);

    /// <summary>Runs it against a mesh of its own beside any other.</summary>
    public static async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        await Prerequisites.EnsureAsync(Prerequisites.Servers, cancellationToken);
        await UpCommand.BuildAsync("TalentSphere.Mesh.slnf", aspire: false, cancellationToken);
        var state = Path.Combine(MeshPaths.State, "bench");
        StateFiles.Delete(state);
        // In a process of its own, so that its state directory is its own.
        var environment = new Dictionary<string, string> { ["MESH_STATE"] = state };
        var self = Environment.ProcessPath!;
        string[] Mesh(params string[] arguments) => [typeof(StartupBenchmark).Assembly.Location, .. arguments];

        var rows = new List<(string Name, double Seconds)>();
        try
        {
            foreach (var name in (string[])["first start (empty databases)", "second start"])
            {
                var watch = Stopwatch.StartNew();
                if (await Tool.RunHereAsync(self, Mesh("up", "-d", "--no-build", "--no-dashboard", "--limits", "load", "--port", "8017"), environment, cancellationToken) != 0)
                    return 1;
                rows.Add((name, watch.Elapsed.TotalSeconds));
                if (rows.Count == 1)
                    await Tool.RunHereAsync(self, Mesh("down"), environment, cancellationToken);
            }
            Console.WriteLine($"Letting it settle for {_settle.TotalSeconds:0} s, then watching it for {_window.TotalSeconds:0} s …");
            await Task.Delay(_settle, cancellationToken);
            using var mesh = await ControlClient.FindAsync(cancellationToken, state) ?? throw new MeshException("the mesh to be measured is gone");
            var root = (await mesh.StatusAsync(cancellationToken)).Mesh.Pid;
            var before = ProcessTree.Of(root);
            await Task.Delay(_window, cancellationToken);
            var after = ProcessTree.Of(root);
            Print(rows, before, after);
        }
        finally
        {
            if (await Tool.RunHereAsync(self, Mesh("down"), environment, CancellationToken.None) == 0)
                StateFiles.Delete(state);
        }
        return 0;
    }

    private static void Print(List<(string Name, double Seconds)> starts, ProcessTree before, ProcessTree after)
    {
        Console.WriteLine();
        foreach (var (name, seconds) in starts)
            Console.WriteLine($"{name,-32} {seconds,8:0.0} s until healthy");
        Console.WriteLine();
        Console.WriteLine($"{"process",-32} {"PSS MB",8} {"% of a core",12}");
        foreach (var (name, usage) in after.ByName.OrderByDescending(p => p.Value.Pss))
        {
            var processor = usage.Processor - (before.ByName.TryGetValue(name, out var earlier) ? earlier.Processor : TimeSpan.Zero);
            Console.WriteLine($"{name,-32} {usage.Pss / 1048576.0,8:0} {processor / _window * 100,12:0.00}");
        }
        var total = after.ByName.Values.Aggregate(TimeSpan.Zero, (sum, u) => sum + u.Processor) - before.ByName.Values.Aggregate(TimeSpan.Zero, (sum, u) => sum + u.Processor);
        Console.WriteLine($"{"all",-32} {after.ByName.Values.Sum(u => u.Pss) / 1048576.0,8:0} {total / _window * 100,12:0.00}");
    }
}
