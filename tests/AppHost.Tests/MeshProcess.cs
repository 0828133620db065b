using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Reflection;
using System.Text;
using System.Text.Json;

namespace TalentSphere.AppHost.Tests;

/// <summary>The small mesh of <c>Mesh/Program.cs</c> in a process of its own.</summary>
internal sealed class MeshProcess : IAsyncDisposable
{
    private static readonly string _configuration =
        typeof(MeshProcess).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()!.Configuration;

    private readonly Process _process;
    private readonly bool _ownsState;
    private readonly StringBuilder _output = new();

    private MeshProcess(Process process, string state, int port, bool ownsState)
    {
        _process = process;
        State = state;
        Port = port;
        _ownsState = ownsState;
        process.OutputDataReceived += Keep;
        process.ErrorDataReceived += Keep;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        Control = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = async (_, ct) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(await File.ReadAllTextAsync(Path.Combine(State, "control"), ct)), ct);
                return new NetworkStream(socket, ownsSocket: true);
            },
        })
        {
            BaseAddress = new("http://mesh/"),
        };
    }

    public string State { get; }

    public int Port { get; }

    public int Id => _process.Id;

    public HttpClient Control { get; }

    public string Output
    {
        get
        {
            lock (_output)
                return _output.ToString();
        }
    }

    public static MeshProcess Start(string state, int port, bool ownsState = true)
    {
        var directory = Path.GetDirectoryName(LocalRun.Fixture)!;
        var program = Path.Combine(directory, "..", "Mesh", "bin", _configuration, $"net{Environment.Version.Major}.0", "TalentSphere.Mesh.dll");
        // Whoever runs the tests in the background of a shell hands down that Ctrl-C is ignored.
        var info = new ProcessStartInfo("env",
        [
            "--default-signal=INT", "dotnet", program, "--fixture", LocalRun.Fixture, "--port", port.ToString(CultureInfo.InvariantCulture), "--Mesh:StateDirectory", state,
            "--Mesh:Dashboard", "off", "--replicas", "two=2",
        ])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        return new(Process.Start(info)!, state, port, ownsState);
    }

    public static async Task<MeshProcess> StartHealthyAsync(int port, string? state = null)
    {
        var mesh = Start(state ?? LocalRun.NewState(), port);
        try
        {
            await LocalRun.EventuallyAsync(
                () => Task.FromResult((mesh.Output.Contains("Mesh is healthy", StringComparison.Ordinal) || mesh._process.HasExited, mesh.Output)), seconds: 60);
            mesh._process.HasExited.ShouldBeFalse(mesh.Output);
            return mesh;
        }
        catch
        {
            await mesh.DisposeAsync();
            throw;
        }
    }

    public async Task<JsonElement> ResourceAsync(string name)
    {
        var status = await Control.GetFromJsonAsync<JsonElement>("status", LocalRun.Cancelled);
        return status.GetProperty("resources").EnumerateArray().Single(r => r.GetProperty("name").GetString() == name);
    }

    public async Task<int> ExitAsync()
    {
        await _process.WaitForExitAsync(LocalRun.Cancelled);
        return _process.ExitCode;
    }

    public void Kill() => _process.Kill(entireProcessTree: false);

    /// <summary>This process and all that descend from it, with the time of their start, so that a reused number is not taken for the same process.</summary>
    public IReadOnlyList<(int Id, string Started)> Family()
    {
        var all = Directory.EnumerateDirectories("/proc").Select(d => Path.GetFileName(d)).Where(n => char.IsAsciiDigit(n[0]))
            .Select(StatOf).OfType<Stat>().ToList();
        var family = all.Where(s => s.Id == Id).ToList();
        for (var at = 0; at < family.Count; at++)
            family.AddRange(all.Where(s => s.Parent == family[at].Id));
        return [.. family.Select(s => (s.Id, s.Started))];
    }

    public static bool Lives((int Id, string Started) process) =>
        StatOf(process.Id.ToString(CultureInfo.InvariantCulture)) is { State: not "Z" } stat && stat.Started == process.Started;

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await Control.PostAsync(new Uri("shutdown", UriKind.Relative), content: null, CancellationToken.None);
            await _process.WaitForExitAsync(CancellationToken.None);
        }
        Control.Dispose();
        _process.Dispose();
        if (!_ownsState)
            return;
        var cluster = Path.Combine(State, "postgres", "cluster");
        if (File.Exists(cluster))
            Directory.Delete(Path.GetDirectoryName(await File.ReadAllTextAsync(cluster))!, recursive: true);
        if (Directory.Exists(State))
            Directory.Delete(State, recursive: true);
    }

    private void Keep(object sender, DataReceivedEventArgs line)
    {
        lock (_output)
            _output.AppendLine(line.Data);
    }

    private static Stat? StatOf(string id)
    {
        try
        {
            var fields = File.ReadAllText($"/proc/{id}/stat").Split(") ")[^1].Split(' ');
            return new(int.Parse(id, CultureInfo.InvariantCulture), int.Parse(fields[1], CultureInfo.InvariantCulture), fields[0], fields[19]);
        }
        catch (IOException)
        {
            return null;
        }
    }

    private sealed record Stat(int Id, int Parent, string State, string Started);
}
