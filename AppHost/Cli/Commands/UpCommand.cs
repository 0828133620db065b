using System.CommandLine;
using System.Diagnostics;
using System.Runtime.InteropServices;
using TalentSphere.Cli.Machine;
using TalentSphere.Cli.Mesh;

namespace TalentSphere.Cli.Commands;

/// <summary><c>mesh up</c>: from a clean checkout to a healthy mesh.</summary>
public static class UpCommand
{
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(3);

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var detach = new Option<bool>("--detach", "-d") { Description = "Return once the mesh is healthy and leave it running." };
        var infra = new Option<string>("--infra") { Description = "local: own PostgreSQL, Redis and RabbitMQ; external: ConnectionStrings__* from the environment.", DefaultValueFactory = _ => "local" };
        infra.AcceptOnlyFromAmong("local", "external");
        var aspire = new Option<bool>("--aspire") { Description = "Run on the Aspire packages instead of LocalHosting (needs a feed that has them, and containers)." };
        var port = new Option<int>("--port") { Description = "The gateway's port.", DefaultValueFactory = _ => 8000 };
        var replicas = new Option<string[]>("--replicas") { Description = "name=count, for instance lms=2 or lms=2,jobs=3; may be repeated." };
        var limits = new Option<string>("--limits") { Description = "default, or load: limits at the gateway are lifted, for load tests and for suites that come from one address.", DefaultValueFactory = _ => "default" };
        limits.AcceptOnlyFromAmong("default", "load");
        var tls = new Option<bool>("--tls") { Description = "HTTPS with HTTP/2 at the gateway, with a certificate made for this machine." };
        var dashboard = new Option<bool>("--no-dashboard") { Description = "Leave the dashboard out." };
        var judge = new Option<string>("--judge") { Description = "all: install every language's toolchain, so that the judge knows them all.", DefaultValueFactory = _ => "present" };
        judge.AcceptOnlyFromAmong("present", "all");
        var noBuild = new Option<bool>("--no-build") { Description = "Start what was built last." };
        var command = new Command("up", "Install what is missing, build, start, wait until healthy, print the addresses.")
        {
            detach, infra, aspire, port, tls, replicas, limits, judge, dashboard, noBuild,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            if (await ControlClient.FindAsync(cancellationToken) is { } running)
            {
                using (running)
                {
                    var status = await running.StatusAsync(cancellationToken);
                    Console.WriteLine($"A mesh is already running here (process {status.Mesh.Pid}); ./mesh down stops it.");
                    MeshUrls.Print(status);
                    return 0;
                }
            }
            var options = new UpOptions
            {
                Infra = parsed.GetRequiredValue(infra),
                Aspire = parsed.GetValue(aspire),
                Port = parsed.GetValue(port),
                Tls = parsed.GetValue(tls),
                Replicas = [.. (parsed.GetValue(replicas) ?? []).SelectMany(r => r.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))],
                Limits = parsed.GetRequiredValue(limits),
                Dashboard = !parsed.GetValue(dashboard),
            };
            options.Validate();
            if (options.Aspire && parsed.GetValue(detach))
                throw new MeshException("--aspire runs in the foreground only: leave --detach out");
            if (options is { Infra: "local", Aspire: false })
                await Prerequisites.EnsureAsync(Prerequisites.Servers, cancellationToken);
            if (!options.Aspire)
                await Prerequisites.TryEnsureJudgeAsync(cancellationToken);
            if (parsed.GetValue(judge) == "all")
                await Prerequisites.EnsureAsync(Prerequisites.JudgeLanguages, cancellationToken);
            if (options is { Dashboard: true, Aspire: false } && !AspireDashboard.IsInstalled)
            {
                if (await HasNpmAsync(cancellationToken))
                    await AspireDashboard.EnsureAsync(cancellationToken);
            }
            if (!parsed.GetValue(noBuild))
                await BuildAsync("TalentSphere.Mesh.slnf", options.Aspire, cancellationToken);
            return parsed.GetValue(detach) ? await StartDetachedAsync(options, cancellationToken) : await RunHereAsync(options);
        });
        return command;
    }

    /// <summary>Builds Release; the log is kept.</summary>
    public static async Task BuildAsync(string solution, bool aspire, CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        Console.Write($"Building {solution} … ");
        var log = Path.Combine(MeshPaths.Logs, "build.log");
        string[] arguments =
        [
            "build", solution, "-c", "Release", "-v", "minimal", "-nologo", "-p:UseSharedCompilation=true", "-nodeReuse:false", "-p:UseAspirePackages=" + (aspire ? "true" : "false"),
        ];
        var exitCode = await Tool.RunToLogAsync(log, "dotnet", arguments, cancellationToken: cancellationToken);
        // The compiler server speeds the build up and is not to stay behind.
        await Tool.RunToLogAsync(log + ".shutdown", "dotnet", ["build-server", "shutdown", "--vbcscompiler"], cancellationToken: cancellationToken);
        if (exitCode != 0)
        {
            Console.WriteLine("failed");
            var errors = File.ReadLines(log).Where(l => l.Contains(": error ", StringComparison.Ordinal)).Distinct().Take(10);
            throw new MeshException($"the build failed; its output is in {log}\n{string.Join('\n', errors)}");
        }
        Console.WriteLine($"{watch.Elapsed.TotalSeconds:0} s");
    }

    /// <summary>Starts the AppHost in the background and waits until every resource is healthy.</summary>
    internal static async Task<int> StartDetachedAsync(UpOptions options, CancellationToken cancellationToken)
    {
        var log = Path.Combine(MeshPaths.Logs, "apphost.log");
        // A session of its own, so that closing the terminal does not reach it; the shell only places the output.
        string[] arguments = ["-c", "log=$1; shift; exec setsid \"$@\" >\"$log\" 2>&1 </dev/null", "sh", log, "dotnet", MeshPaths.Assembly("AppHost"), .. options.ToArguments()];
        using var appHost = Tool.Start("/bin/sh", arguments);
        try
        {
            await WaitUntilHealthyAsync(appHost, log, cancellationToken);
        }
        catch
        {
            await StopAsync(appHost);
            throw;
        }
        return 0;
    }

    private static async Task WaitUntilHealthyAsync(Process appHost, string log, CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        var seen = new Dictionary<string, string>();
        while (true)
        {
            if (appHost.HasExited)
                throw new MeshException($"the mesh did not start; its output is in {log}\n{Reason(log)}");
            using (var mesh = await ControlClient.FindAsync(cancellationToken))
            {
                if (mesh is not null && await TryStatusAsync(mesh, cancellationToken) is { } status)
                {
                    foreach (var r in status.Resources.Where(r => r.Type is not "Parameter" && r.State is not ("Stopping" or "Exited")))
                    {
                        var state = r.Health is null or "Healthy" ? r.State : $"{r.State}, {r.Health}";
                        if (seen.GetValueOrDefault(r.Name) != state)
                            Console.WriteLine($"{watch.Elapsed.TotalSeconds,5:0.0} s  {r.Name,-14} {state}");
                        seen[r.Name] = state;
                    }
                    if (status.Mesh.Healthy)
                    {
                        Console.WriteLine($"The mesh is healthy after {watch.Elapsed.TotalSeconds:0.0} s.");
                        await WorkerNotice.PrintAsync(status, wait: true, cancellationToken);
                        MeshUrls.Print(status);
                        return;
                    }
                }
            }
            if (watch.Elapsed > _patience)
                throw new MeshException($"the mesh was not healthy after {_patience.TotalMinutes:0} minutes; its output is in {log}\n{Tool.Tail(log)}");
            // Each look costs this process and the AppHost what the services then do not have to start with.
            await Task.Delay(400, cancellationToken);
        }
    }

    /// <summary>Null when the mesh ended since it was found: the loop then says why.</summary>
    private static async Task<MeshStatus?> TryStatusAsync(ControlClient mesh, CancellationToken cancellationToken)
    {
        try
        {
            return await mesh.StatusAsync(cancellationToken);
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    /// <summary>What the AppHost said beside its progress, which is indented.</summary>
    private static string Reason(string log) => string.Join('\n', File.ReadLines(log).Where(l => l.Length > 0 && !char.IsWhiteSpace(l[0])).TakeLast(5));

    /// <summary>
    /// Runs the AppHost on this terminal; it ends with us, however we end. In a session of its own it does not get the terminal's Ctrl-C as well, which it
    /// would take for the second one, the one that ends all patience: it is told once for each.
    /// </summary>
    private static Task<int> RunHereAsync(UpOptions options) => Task.Factory.StartNew(
        () =>
        {
            // The kernel ties a parent-death signal to the thread that started the child: this one lives exactly as long as the child.
            using var appHost = Tool.Start("setsid", ["setpriv", "--pdeathsig", "TERM", "dotnet", MeshPaths.Assembly("AppHost"), .. options.ToArguments()]);
            void Pass(PosixSignalContext context)
            {
                context.Cancel = true;
                Signal(appHost, "TERM");
            }
            using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Pass);
            using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Pass);
            using var ended = new CancellationTokenSource();
            _ = WorkerNotice.PrintOnceHealthyAsync(ended.Token);
            appHost.WaitForExit();
            ended.Cancel();
            return appHost.ExitCode;
        },
        CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private static async Task StopAsync(Process appHost)
    {
        if (appHost.HasExited)
            return;
        Signal(appHost, "TERM");
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(45));
        try
        {
            await appHost.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            // Its children die with it.
            appHost.Kill();
        }
    }

    private static void Signal(Process process, string signal)
    {
        if (process.HasExited)
            return;
        using var kill = Tool.Start("kill", ["-s", signal, process.Id.ToString()]);
        kill.WaitForExit();
    }

    private static async Task<bool> HasNpmAsync(CancellationToken cancellationToken)
    {
        try
        {
            await Prerequisites.EnsureAsync(Prerequisites.Dashboard, cancellationToken);
            return true;
        }
        catch (MeshException e)
        {
            Console.WriteLine($"The mesh runs without its dashboard: {e.Message}");
            return false;
        }
    }
}

/// <summary>How a mesh is to be started.</summary>
internal sealed record UpOptions
{
    public string Infra { get; init; } = "local";

    public bool Aspire { get; init; }

    public int Port { get; init; } = 8000;

    public bool Tls { get; init; }

    public IReadOnlyList<string> Replicas { get; init; } = [];

    public string Limits { get; init; } = "default";

    public bool Dashboard { get; init; } = true;

    public void Validate()
    {
        if (Port is < 1 or > 65535)
            throw new MeshException($"--port {Port} is not a port");
        foreach (var replica in Replicas)
        {
            if (replica.Split('=') is not [{ Length: > 0 }, var count] || !int.TryParse(count, out var n) || n is < 1 or > 16)
                throw new MeshException($"--replicas {replica}: write name=count with a count from 1 to 16");
        }
    }

    /// <summary>As the AppHost's configuration; nothing secret is among it.</summary>
    public IEnumerable<string> ToArguments()
    {
        yield return $"--port={Port}";
        yield return $"--infra={Infra}";
        if (Tls)
            yield return "--tls=true";
        if (!Dashboard)
            yield return "--Mesh:Dashboard=off";
        if (Replicas.Count > 0)
            yield return "--replicas=" + string.Join(',', Replicas);
        if (Limits != "default")
            yield return "--limits=" + Limits;
    }
}
