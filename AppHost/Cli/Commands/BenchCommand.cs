using System.CommandLine;
using TalentSphere.Cli.Benchmarks;
using TalentSphere.Cli.Machine;
using TalentSphere.Cli.Mesh;

namespace TalentSphere.Cli.Commands;

/// <summary><c>mesh bench</c>: the benchmarks.</summary>
public static class BenchCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var name = new Argument<string>("name") { Description = "startup, auth, events, judge", DefaultValueFactory = _ => "startup" };
        name.AcceptOnlyFromAmong("startup", "auth", "events", "judge");
        var command = new Command(
            "bench", "Measure: startup (time to healthy, memory and processor of the idle mesh), auth (sign-ins and checks of tokens per second), events (outbox and inbox beside a bare publish), "
            + "judge (submissions per second, what a box costs, the first verdict).") { name };
        command.SetAction((parsed, cancellationToken) => parsed.GetRequiredValue(name) == "startup"
            ? StartupBenchmark.RunAsync(cancellationToken)
            : RunAsync(parsed.GetRequiredValue(name), cancellationToken));
        return command;
    }

    /// <summary>Those that need the services' own parts live in a project of their own.</summary>
    private static async Task<int> RunAsync(string name, CancellationToken cancellationToken)
    {
        await Prerequisites.EnsureAsync(name == "judge" ? Prerequisites.Judge : Prerequisites.Servers, cancellationToken);
        await UpCommand.BuildAsync("tests/Benchmarks/Benchmarks.csproj", aspire: false, cancellationToken);
        return await Tool.RunHereAsync("dotnet", [MeshPaths.Assembly("tests/Benchmarks"), name], new Dictionary<string, string>(), cancellationToken);
    }
}
