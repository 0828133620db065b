using System.CommandLine;
using TalentSphere.Cli.Benchmarks;

namespace TalentSphere.Cli.Commands;

/// <summary><c>mesh bench</c>: the benchmarks.</summary>
public static class BenchCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var name = new Argument<string>("name") { Description = "startup", DefaultValueFactory = _ => "startup" };
        name.AcceptOnlyFromAmong("startup");
        var command = new Command("bench", "Measure: startup (time to healthy, memory and processor of the idle mesh).") { name };
        command.SetAction((_, cancellationToken) => StartupBenchmark.RunAsync(cancellationToken));
        return command;
    }
}
