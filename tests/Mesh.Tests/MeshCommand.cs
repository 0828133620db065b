using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using TalentSphere.Cli.Commands;
using TalentSphere.Cli.Machine;
using TalentSphere.Cli.Mesh;

namespace TalentSphere.Mesh.Tests;

/// <summary>The <c>mesh</c> command on a state directory of its own, run as a newcomer runs it: as a process.</summary>
internal sealed class MeshCommand(string state)
{
    private static readonly string _cli = typeof(DemoCommand).Assembly.Location;

    // Since .NET 10 the runtime leaves this signal to the system, which runs no handler of ProcessExit.
    private static readonly PosixSignalRegistration _terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal =>
    {
        signal.Cancel = true;
        Environment.Exit(143);
    });

    public string State { get; } = state;

    public string Logs => Path.Combine(State, "logs");

    /// <summary>What the mesh made up for itself: passwords and keys.</summary>
    public IReadOnlyDictionary<string, string> Parameters =>
        JsonSerializer.Deserialize<Dictionary<string, string>>(File.ReadAllText(Path.Combine(State, "parameters.json")))!;

    public static MeshCommand InTemporaryDirectory() => new(Directory.CreateTempSubdirectory("talentsphere-mesh-").FullName);

    /// <summary>A port that nobody listens on at the moment, below those that the system hands to outgoing connections.</summary>
    public static int FreePort()
    {
        while (true)
        {
            using var listener = new TcpListener(IPAddress.Loopback, RandomNumberGenerator.GetInt32(10_000, 20_000));
            try
            {
                listener.Start();
                return ((IPEndPoint)listener.LocalEndpoint).Port;
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
            {
                continue;
            }
        }
    }

    /// <summary>Starts a mesh that was built in Release.</summary>
    public Task<Outcome> UpAsync(int port, bool dashboard, params (string Name, string Value)[] environment)
    {
        if (!File.Exists(MeshPaths.Assembly("AppHost")))
            throw new InvalidOperationException($"{MeshPaths.Assembly("AppHost")} is not built: run ./mesh test, or build the solution with -c Release.");
        string[] arguments = ["up", "-d", "--no-build", "--limits", "load", "--port", port.ToString(), .. (string[])(dashboard ? [] : ["--no-dashboard"])];
        return RunAsync(arguments, environment);
    }

    public Task<Outcome> RunAsync(params string[] arguments) => RunAsync(arguments, []);

    public async Task<MeshStatus> StatusAsync()
    {
        var outcome = await RunAsync("status", "--json");
        return outcome.ExitCode == 0
            ? JsonSerializer.Deserialize<MeshStatus>(outcome.Output, JsonSerializerOptions.Web)!
            : throw new InvalidOperationException($"mesh status: {outcome}");
    }

    /// <summary>Every log of the mesh as it is now.</summary>
    public IEnumerable<(string File, string Text)> ReadLogs() => Directory.EnumerateFiles(Logs, "*", SearchOption.AllDirectories).Select(path =>
    {
        using var reader = new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
        return (Path.GetFileName(path), reader.ReadToEnd());
    });

    /// <summary>For a process that is told to end in the middle of its tests: nothing is to stay behind.</summary>
    public void EndWithThisProcess()
    {
        GC.KeepAlive(_terminate);
        AppDomain.CurrentDomain.ProcessExit += (_, _) =>
        {
            if (!Directory.Exists(State))
                return;
            using var process = Tool.Start("dotnet", [_cli, "down"], Variables([]));
            process.WaitForExit();
        };
    }

    private Dictionary<string, string> Variables((string Name, string Value)[] more) =>
        more.Append(("MESH_STATE", State)).Append(("MESH_ROOT", MeshPaths.Root)).ToDictionary(v => v.Item1, v => v.Item2);

    private async Task<Outcome> RunAsync(string[] arguments, (string Name, string Value)[] environment)
    {
        using var process = Tool.Start("dotnet", [_cli, .. arguments], Variables(environment), redirect: true);
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        await process.WaitForExitAsync(patience.Token);
        return new(process.ExitCode, await output, await error);
    }

    /// <summary>How a command ended.</summary>
    internal sealed record Outcome(int ExitCode, string Output, string Error)
    {
        public override string ToString() => $"exit code {ExitCode}\n{Output}\n{Error}";
    }
}
