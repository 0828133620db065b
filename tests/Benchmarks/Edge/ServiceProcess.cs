using System.Diagnostics;
using System.Globalization;
using TalentSphere.TestKit;

namespace TalentSphere.Benchmarks.Edge;

/// <summary>A program of the mesh or beside it, in a process of its own, with its output in a file.</summary>
internal sealed class ServiceProcess : IAsyncDisposable
{
    private static readonly string _root = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../../.."));

    private readonly string[] _command;
    private readonly IReadOnlyDictionary<string, string> _environment;
    private readonly string _log;
    private readonly string? _readyPath;
    private Process _process = null!;
    private bool _runs;

    private ServiceProcess(string[] command, IReadOnlyDictionary<string, string> environment, Uri address, string log, string? readyPath) =>
        (_command, _environment, Address, _log, _readyPath) = (command, environment, address, log, readyPath);

    /// <summary>Where it listens.</summary>
    public Uri Address { get; }

    /// <summary>Memory in use, in bytes.</summary>
    public long WorkingSet
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    /// <summary>Starts a service of the mesh as it was built, on a port of its own.</summary>
    /// <param name="project">Its folder, from the root of the repository.</param>
    /// <param name="environment">What the mesh would tell it.</param>
    /// <param name="folder">Where its output goes.</param>
    public static Task<ServiceProcess> StartServiceAsync(string project, IReadOnlyDictionary<string, string> environment, string folder)
    {
        var (name, address) = (Path.GetFileName(project), $"http://127.0.0.1:{TestKit.FreePort.Find()}");
        var output = Path.Combine(_root, project, "bin/Release/net10.0");
        Dictionary<string, string> all = new(environment) { ["ASPNETCORE_URLS"] = address, ["ASPNETCORE_CONTENTROOT"] = output, ["ASPNETCORE_ENVIRONMENT"] = "Production" };
        return StartAsync(["dotnet", Path.Combine(output, $"TalentSphere.{name}.dll")], all, new Uri(address), Path.Combine(folder, $"{name}-{new Uri(address).Port}.log"), "/ready");
    }

    /// <summary>Starts any program.</summary>
    /// <param name="command">The program and its arguments.</param>
    /// <param name="environment">On top of this process' own.</param>
    /// <param name="address">Where it will listen.</param>
    /// <param name="log">Where its output goes.</param>
    /// <param name="readyPath">What it answers with 200 once it is ready.</param>
    public static async Task<ServiceProcess> StartAsync(string[] command, IReadOnlyDictionary<string, string> environment, Uri address, string log, string? readyPath = "/")
    {
        var process = new ServiceProcess(command, environment, address, log, readyPath);
        try
        {
            await process.StartAsync();
        }
        catch
        {
            await process.KillAsync();
            throw;
        }
        return process;
    }

    /// <summary>Starts it again where it was, after <see cref="KillAsync"/>.</summary>
    public async Task StartAsync()
    {
        // The shell puts the output into the file and then becomes the program: nobody has to read a pipe on the processors that are measured.
        var start = new ProcessStartInfo("sh", ["-c", """log="$1"; shift; exec "$@" >>"$log" 2>&1""", "sh", _log, .. _command]) { UseShellExecute = false };
        foreach (var (name, value) in _environment)
            start.Environment[name] = value;
        _process = Process.Start(start)!;
        _runs = true;
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(5) };
        await Eventually.SeesAsync(
            async () => _process.HasExited ? throw new InvalidOperationException($"{_command[^1]} has ended; its output is in {_log}") : (int)(await http.GetAsync(new Uri(Address, _readyPath))).StatusCode,
            s => s == 200, $"{string.Join(' ', _command)} to be ready", TimeSpan.FromMinutes(2));
    }

    /// <summary>Processor time of the process and of its children, as far as they live.</summary>
    public TimeSpan CpuTime() => Family().Select(CpuTimeOf).Aggregate(TimeSpan.Zero, (sum, t) => sum + t);

    /// <summary>Ends it at once (SIGKILL).</summary>
    public async Task KillAsync()
    {
        if (!_runs)
            return;
        _runs = false;
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    public async ValueTask DisposeAsync() => await KillAsync();

    private IEnumerable<int> Family() => File.ReadAllText($"/proc/{_process.Id}/task/{_process.Id}/children")
        .Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(c => int.Parse(c, CultureInfo.InvariantCulture)).Prepend(_process.Id);

    private static TimeSpan CpuTimeOf(int id)
    {
        using var process = Process.GetProcessById(id);
        return process.TotalProcessorTime;
    }
}
