using System.CommandLine;
using TalentSphere.Cli.Chaos;
using TalentSphere.Cli.Machine;
using TalentSphere.Cli.Mesh;

namespace TalentSphere.Cli.Commands;

/// <summary>
/// <c>mesh test chaos</c>: kills and stops parts of a mesh of its own while clients write, and proves that no event was lost, doubled or reordered.
/// </summary>
public static class ChaosCommand
{
    private const int _findingsShown = 40;

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var seed = new Option<int>("--seed") { Description = "The plan of writes and faults; the same seed, the same plan.", DefaultValueFactory = _ => 1 };
        var runs = new Option<int>("--runs") { Description = "How many runs, with one seed after another.", DefaultValueFactory = _ => 1 };
        var duration = new Option<int>("--duration") { Description = "For how many seconds clients write in each run.", DefaultValueFactory = _ => 30 };
        var brokerAway = new Option<int?>("--broker-away") { Description = "Instead of faults: RabbitMQ away for so many seconds under a steady load." };
        var verbose = new Option<bool>("--verbose") { Description = "Tell what clients got instead of answers." };
        var noBuild = new Option<bool>("--no-build") { Description = "Run what was built last." };
        var command = new Command("chaos", "Kill and stop parts of a mesh of its own under load; exit code 1 when an event was lost, doubled or reordered.")
        {
            seed, runs, duration, brokerAway, verbose, noBuild,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var (first, count, seconds) = (parsed.GetValue(seed), parsed.GetValue(runs), parsed.GetValue(duration));
            if (count < 1 || seconds < 5)
                throw new MeshException("--runs is at least 1, --duration at least 5");
            if (parsed.GetValue(brokerAway) is < 1)
                throw new MeshException("--broker-away is at least 1");
            await Prerequisites.EnsureAsync(Prerequisites.Servers, cancellationToken);
            if (!parsed.GetValue(noBuild))
                await UpCommand.BuildAsync("TalentSphere.Mesh.slnf", aspire: false, cancellationToken);
            var isVerbose = parsed.GetValue(verbose);
            Console.WriteLine("Starting a mesh of its own …");
            await using var mesh = await ChaosMesh.StartAsync(Path.Combine(MeshPaths.State, "chaos"), cancellationToken);
            return parsed.GetValue(brokerAway) is { } away
                ? await AwayAsync(mesh, TimeSpan.FromSeconds(away), isVerbose, cancellationToken)
                : await RunAsync(mesh, first, count, TimeSpan.FromSeconds(seconds), isVerbose, cancellationToken);
        });
        return command;
    }

    private static async Task<int> RunAsync(ChaosMesh mesh, int first, int count, TimeSpan duration, bool verbose, CancellationToken cancellationToken)
    {
        var broken = 0;
        for (var n = 0; n < count; n++)
        {
            if (n > 0)
                await mesh.RefreshAsync(cancellationToken);
            var result = await new ChaosRun(mesh).RunAsync(Plan.Draw(first + n, duration, ChaosRun.Learners + 2), new Interference(), cancellationToken);
            Console.WriteLine(result.ToString());
            broken += Print(mesh, result.Verdict.Findings, result.Tally, verbose) ? 1 : 0;
        }
        if (count > 1)
            Console.WriteLine($"{count - broken} of {count} runs held.");
        return broken == 0 ? 0 : 1;
    }

    private static async Task<int> AwayAsync(ChaosMesh mesh, TimeSpan away, bool verbose, CancellationToken cancellationToken)
    {
        var outage = await new BrokerOutage(mesh).RunAsync(away, cancellationToken);
        Console.WriteLine(outage.ToString());
        return Print(mesh, outage.Findings, outage.Tally, verbose) ? 1 : 0;
    }

    /// <summary>True when there was something to tell that must not be.</summary>
    private static bool Print(ChaosMesh mesh, IReadOnlyList<Finding> findings, Tally tally, bool verbose)
    {
        foreach (var (what, times) in tally.Losses.Where(_ => verbose).OrderByDescending(l => l.Value))
            Console.WriteLine($"  {times,5} times {what}");
        foreach (var (what, times) in tally.Oddities.OrderByDescending(o => o.Value))
            Console.WriteLine($"  strange, {times} times: {what}");
        foreach (var finding in findings.Take(_findingsShown))
            Console.WriteLine($"  {finding}");
        if (findings.Count > _findingsShown)
            Console.WriteLine($"  and {findings.Count - _findingsShown} more");
        if (findings.Count == 0)
            return false;
        var kept = Path.Combine(MeshPaths.Logs, "chaos");
        Directory.CreateDirectory(kept);
        foreach (var log in Directory.EnumerateFiles(mesh.Logs, "*.log"))
            File.Copy(log, Path.Combine(kept, Path.GetFileName(log)), overwrite: true);
        Console.WriteLine($"  the logs are kept in {kept}");
        return true;
    }
}
