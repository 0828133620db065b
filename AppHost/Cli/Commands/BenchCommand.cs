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
        var name = new Argument<string>("name") { Description = "startup, auth, events, judge, gateway", DefaultValueFactory = _ => "startup" };
        name.AcceptOnlyFromAmong("startup", "auth", "events", "judge", "gateway");
        var soak = new Option<bool>("--soak") { Description = "gateway: full load for ten minutes, and its memory meanwhile." };
        var failover = new Option<bool>("--failover") { Description = "gateway: a thousand connections for ten minutes, while a replica of a service and one of the gateway are killed." };
        var seconds = new Option<int>("--seconds") { Description = "gateway: for how long with --soak or --failover.", DefaultValueFactory = _ => 600 };
        seconds.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() < 60)
                result.AddError("--seconds: at least 60.");
        });
        var command = new Command(
            "bench", "Measure: startup (time to healthy, memory and processor of the idle mesh), auth (sign-ins and checks of tokens per second), events (outbox and inbox beside a bare publish), "
            + "judge (submissions per second, what a box costs, the first verdict), gateway (an authenticated GET through the whole edge beside bare nginx).")
        {
            name, soak, failover, seconds,
        };
        command.Validators.Add(result =>
        {
            if ((result.GetValue(soak) || result.GetValue(failover)) && (result.GetValue(name) != "gateway" || result.GetValue(soak) == result.GetValue(failover)))
                result.AddError("--soak and --failover are for the gateway, one at a time.");
        });
        command.SetAction((parsed, cancellationToken) => (parsed.GetRequiredValue(name), parsed.GetValue(soak), parsed.GetValue(failover)) switch
        {
            ("startup", _, _) => StartupBenchmark.RunAsync(cancellationToken),
            (var gateway, true, _) => RunAsync(cancellationToken, gateway, "soak", $"{parsed.GetValue(seconds)}"),
            (var gateway, _, true) => RunAsync(cancellationToken, gateway, "failover", $"{parsed.GetValue(seconds)}"),
            (var other, _, _) => RunAsync(cancellationToken, other),
        });
        return command;
    }

    /// <summary>Those that need the services' own parts live in a project of their own.</summary>
    private static async Task<int> RunAsync(CancellationToken cancellationToken, params string[] arguments)
    {
        await Prerequisites.EnsureAsync(
            arguments[0] switch
            {
                "judge" => Prerequisites.Judge,
                "gateway" => [.. Prerequisites.Servers, .. Prerequisites.Load],
                _ => Prerequisites.Servers,
            }, cancellationToken);
        await UpCommand.BuildAsync("tests/Benchmarks/Benchmarks.csproj", aspire: false, cancellationToken);
        return await Tool.RunHereAsync("dotnet", [MeshPaths.Assembly("tests/Benchmarks"), .. arguments], new Dictionary<string, string>(), cancellationToken);
    }
}
