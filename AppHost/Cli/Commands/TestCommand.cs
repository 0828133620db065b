using System.CommandLine;
using System.Diagnostics;
using System.Xml.Linq;
using TalentSphere.Cli.Machine;
using TalentSphere.Cli.Mesh;

namespace TalentSphere.Cli.Commands;

/// <summary><c>mesh test</c>: everything, from a clean checkout, on real servers.</summary>
public static class TestCommand
{
    /// <summary>Assemblies that start whole meshes: alone on the machine, last.</summary>
    private static readonly HashSet<string> _alone = ["AppHost.Tests", "Chaos.Tests", "Mesh.Tests"];

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var filter = new Argument<string?>("filter") { Description = "Only test projects, or else tests, whose name contains this.", Arity = ArgumentArity.ZeroOrOne };
        var noBuild = new Option<bool>("--no-build") { Description = "Run what was built last." };
        var command = new Command("test", "Run every test on real servers; the last line is 'N passed, N failed'.") { filter, noBuild, ChaosCommand.Create() };
        command.SetAction((parsed, cancellationToken) => RunAsync(parsed.GetValue(filter), parsed.GetValue(noBuild), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(string? filter, bool noBuild, CancellationToken cancellationToken)
    {
        await Prerequisites.EnsureAsync([.. Prerequisites.Servers, .. Prerequisites.Judge, .. Prerequisites.JudgeLanguages, .. Prerequisites.Dashboard], cancellationToken);
        await Prerequisites.TryEnsureBrowserAsync(cancellationToken);
        await Prerequisites.TryEnsureManifestsAsync(cancellationToken);
        await AspireDashboard.EnsureAsync(cancellationToken);
        if (!noBuild)
            await UpCommand.BuildAsync("TalentSphere.sln", aspire: false, cancellationToken);

        var projects = Directory.GetDirectories(Path.Combine(MeshPaths.Root, "tests"), "*.Tests").Select(d => Path.GetFileName(d)!).Order(StringComparer.Ordinal).ToList();
        var byProject = filter is null ? projects : projects.FindAll(p => p.Contains(filter, StringComparison.OrdinalIgnoreCase));
        var chosen = byProject.Count > 0 ? byProject : projects;
        string[] methods = byProject.Count > 0 || filter is null ? [] : ["-method", $"*{filter}*"];

        var results = Path.Combine(MeshPaths.Root, "TestResults");
        if (Directory.Exists(results))
            Directory.Delete(results, recursive: true);
        Directory.CreateDirectory(results);

        var outcomes = new List<Outcome>();
        await using (var servers = await Servers.StartAsync(cancellationToken))
        {
            Task<Outcome> Run(string project) => RunProjectAsync(project, methods, servers.Environment, results, cancellationToken);
            List<Func<Task<Outcome>>> together = [.. chosen.Where(p => !_alone.Contains(p)).Select(p => (Func<Task<Outcome>>)(() => Run(p)))];
            if (filter is null)
                together.Add(() => CheckFormatAsync(results, cancellationToken));
            // Two at a time: one assembly's waiting is another's working.
            using var places = new SemaphoreSlim(2);
            outcomes.AddRange(await Task.WhenAll(together.Select(async run =>
            {
                await places.WaitAsync(cancellationToken);
                try
                {
                    return await run();
                }
                finally
                {
                    places.Release();
                }
            })));
            foreach (var project in chosen.Where(_alone.Contains))
                outcomes.Add(await Run(project));
        }

        foreach (var warning in outcomes.SelectMany(o => o.Warnings))
            Console.WriteLine($"\nWARNED {warning}");
        foreach (var failure in outcomes.SelectMany(o => o.Failures))
            Console.WriteLine($"\nFAILED {failure}");
        Console.WriteLine();
        Console.WriteLine($"{outcomes.Sum(o => o.Passed)} passed, {outcomes.Sum(o => o.Failed)} failed");
        return outcomes.Sum(o => o.Failed) == 0 && outcomes.Sum(o => o.Passed) > 0 ? 0 : 1;
    }

    private static async Task<Outcome> RunProjectAsync(
        string project, string[] methods, IReadOnlyDictionary<string, string> servers, string results, CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        var report = Path.Combine(results, project + ".xml");
        var log = Path.Combine(results, project + ".log");
        var environment = new Dictionary<string, string>(servers) { ["TALENTSPHERE_TEST_RESULTS"] = results };
        string[] arguments = [MeshPaths.Assembly(Path.Combine("tests", project)), "-xml", report, "-noColor", "-longRunning", "60", .. methods];
        var exitCode = await Tool.RunToLogAsync(log, "dotnet", arguments, environment, cancellationToken: cancellationToken);
        var outcome = File.Exists(report)
            ? Read(project, report)
            : new Outcome(0, 1, [$"{project} did not run (exit code {exitCode}); its output is in {log}\n{Tool.Tail(log)}"]);
        // A crash after the last test is a failure too.
        if (exitCode != 0 && outcome.Failed == 0)
            outcome = outcome with { Failed = 1, Failures = [$"{project} ended with exit code {exitCode}; its output is in {log}\n{Tool.Tail(log)}"] };
        Console.WriteLine($"{project,-24} {outcome.Passed,5} passed {outcome.Failed,4} failed  {watch.Elapsed.TotalSeconds,6:0.0} s");
        return outcome;
    }

    private static Outcome Read(string project, string report)
    {
        var assemblies = XDocument.Load(report).Descendants("assembly").ToList();
        int Sum(string attribute) => assemblies.Sum(a => (int?)a.Attribute(attribute) ?? 0);
        var failures = assemblies.Descendants("test").Where(t => (string?)t.Attribute("result") == "Fail")
            .Select(t => $"{project}: {(string?)t.Attribute("name")}\n{t.Descendants("message").FirstOrDefault()?.Value}\n{t.Descendants("stack-trace").FirstOrDefault()?.Value}")
            .Concat(assemblies.Descendants("error").Select(e => $"{project}: {(string?)e.Attribute("name")}\n{e.Descendants("message").FirstOrDefault()?.Value}"));
        // A skipped test proves nothing: it counts as failed. What only this machine lacks is told and counts as nothing, but for CI, where those tests fail by themselves.
        var lacking = assemblies.Descendants("test").Where(t => (string?)t.Attribute("result") == "Skip" && t.Element("reason")?.Value.StartsWith("Not here: ", StringComparison.Ordinal) == true).ToList();
        var warnings = assemblies.Descendants("warning").Select(w => $"{project}: {(string?)w.Parent?.Parent?.Attribute("name")}\n{w.Value}");
        return new(Sum("passed"), Sum("failed") + Sum("errors") + Sum("skipped") - lacking.Count, [.. failures])
        {
            Warnings = [.. warnings, .. lacking.Select(t => $"{project}: {(string?)t.Attribute("name")}\n{t.Element("reason")!.Value}")],
        };
    }

    private static async Task<Outcome> CheckFormatAsync(string results, CancellationToken cancellationToken)
    {
        var log = Path.Combine(results, "format.log");
        var exitCode = await Tool.RunToLogAsync(
            log, "dotnet", ["format", "TalentSphere.sln", "--verify-no-changes", "--no-restore", "--exclude-diagnostics", "IDE0130"], cancellationToken: cancellationToken);
        Console.WriteLine($"{"dotnet format",-24} {(exitCode == 0 ? "clean" : "not clean")}");
        return exitCode == 0 ? new(1, 0, []) : new(0, 1, [$"dotnet format would change files; see {log}\n{Tool.Tail(log)}"]);
    }

    private sealed record Outcome(int Passed, int Failed, IReadOnlyList<string> Failures)
    {
        /// <summary>What a test has to say though it passed.</summary>
        public IReadOnlyList<string> Warnings { get; init; } = [];
    }

    /// <summary>The run's PostgreSQL and Redis; they end when their standard input does.</summary>
    private sealed class Servers(Process process, IReadOnlyDictionary<string, string> environment) : IAsyncDisposable
    {
        public IReadOnlyDictionary<string, string> Environment { get; } = environment;

        public static async Task<Servers> StartAsync(CancellationToken cancellationToken)
        {
            var process = Tool.Start("dotnet", [MeshPaths.Assembly("tests/TestKit")], redirect: true, redirectInput: true);
            var environment = new Dictionary<string, string>();
            var errors = process.StandardError.ReadToEndAsync(cancellationToken);
            while (await process.StandardOutput.ReadLineAsync(cancellationToken) is { } line)
            {
                if (line == "ready")
                    return new(process, environment);
                if (line.StartsWith("TALENTSPHERE_", StringComparison.Ordinal) && line.Split('=', 2) is [var name, var value])
                    environment[name] = value;
            }
            throw new MeshException($"the servers for the tests did not start\n{await errors}");
        }

        public async ValueTask DisposeAsync()
        {
            process.StandardInput.Close();
            await process.WaitForExitAsync();
            process.Dispose();
        }
    }
}
