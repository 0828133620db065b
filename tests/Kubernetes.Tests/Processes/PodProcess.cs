using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Runtime.InteropServices;

namespace TalentSphere.Kubernetes.Tests.Processes;

/// <summary>
/// A workload's process as its pod runs it: the environment of its generated ConfigMap, its secrets as files, a root that cannot be written, <c>/tmp</c> that can,
/// user 10001 and no capability. Only addresses are others: the servers are this test run's, and the port is a free one.
/// </summary>
internal sealed class PodProcess : IAsyncDisposable
{
    public const string Secrets = "/run/secrets/talentsphere";

    private readonly Process _process;
    private readonly List<string> _output = [];

    private PodProcess(Process process, int port)
    {
        _process = process;
        Http = new HttpClient { BaseAddress = new UriBuilder("http", "127.0.0.1", port).Uri, Timeout = TimeSpan.FromSeconds(30) };
        Port = port;
        process.OutputDataReceived += (_, line) => Note(line.Data);
        process.ErrorDataReceived += (_, line) => Note(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public HttpClient Http { get; }

    public int Port { get; }

    public bool HasExited => _process.HasExited;

    /// <summary>What it has written so far.</summary>
    public string Output
    {
        get
        {
            lock (_output)
            {
                return string.Join('\n', _output);
            }
        }
    }

    /// <summary>The settings of the workload's ConfigMap.</summary>
    public static IReadOnlyDictionary<string, string> ConfigurationOf(string workload) =>
        Yaml.Read(File.ReadAllText(Path.Combine(Checkout.Manifests, "base", workload, "configmap.yaml"))).Single().Map("data");

    /// <summary>Starts it.</summary>
    /// <param name="workload">Its name in the model.</param>
    /// <param name="secrets">The folder that stands for the mounted secrets.</param>
    /// <param name="others">Settings that are other than in the cluster.</param>
    /// <param name="arguments">The container's arguments.</param>
    public static PodProcess Start(string workload, string secrets, IReadOnlyDictionary<string, string> others, params string[] arguments) =>
        Start(workload, secrets, others, PodBox.Usual, arguments);

    /// <summary>The same with what its pod has and others have not.</summary>
    public static PodProcess Start(string workload, string secrets, IReadOnlyDictionary<string, string> others, PodBox its, params string[] arguments)
    {
        var port = FreePort.Find();
        var environment = new Dictionary<string, string>(ConfigurationOf(workload));
        foreach (var (name, value) in others)
            environment[name] = value;
        environment["ASPNETCORE_HTTP_PORTS"] = port.ToString(CultureInfo.InvariantCulture);
        environment["PATH"] = Environment.GetEnvironmentVariable("PATH") ?? "/usr/bin";
        var project = char.ToUpperInvariant(workload[0]) + workload[1..];
        var folder = workload == "gateway" ? Path.Combine(Checkout.Root, project) : Path.Combine(Checkout.Root, "Services", project);
        var assembly = Path.Combine(folder, "bin", "Release", "net10.0", $"TalentSphere.{project}.dll");
        string[] box =
        [
            "--die-with-parent", "--new-session", "--unshare-user", "--uid", "10001", "--gid", "10001", "--cap-drop", "ALL",
            "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "--tmpfs", "/tmp", "--tmpfs", "/run", "--ro-bind", secrets, Secrets,
            // Where the checkout itself lies under /tmp.
            "--ro-bind", Checkout.Root, Checkout.Root, "--chdir", Path.GetDirectoryName(assembly)!,
            .. its.Writable.SelectMany(folder => new[] { "--bind", folder, folder }),
        ];
        string[] command = [.. box, "dotnet", assembly, .. arguments];
        // bubblewrap reads the filter from a descriptor and puts it in place last of all.
        const string inGroups = "set -e; while [ \"$1\" != -- ]; do echo $$ >\"$1/cgroup.procs\"; shift; done; shift; exec 9<\"$0\"; exec bwrap --seccomp 9 \"$@\"";
        var start = its.Filter is null
            ? new ProcessStartInfo("bwrap", command)
            : new ProcessStartInfo("sh", ["-c", inGroups, its.Filter, .. its.Groups, "--", .. command]);
        (start.RedirectStandardOutput, start.RedirectStandardError, start.UseShellExecute) = (true, true, false);
        start.Environment.Clear();
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        return new(Process.Start(start)!, port);
    }

    /// <summary>Waits for its end.</summary>
    public async Task<int> ExitAsync(TimeSpan limit)
    {
        using var late = new CancellationTokenSource(limit);
        await _process.WaitForExitAsync(late.Token);
        return _process.ExitCode;
    }

    /// <summary>What the kubelet sends first.</summary>
    public void Terminate() => Kill(Id, 15).ShouldBe(0);

    /// <summary>The process in its box; the box's own is the one that was started.</summary>
    public int Id => int.Parse(File.ReadAllText($"/proc/{_process.Id}/task/{_process.Id}/children").Split(' ')[0], CultureInfo.InvariantCulture);

    public async Task<HttpStatusCode> AskAsync(string path)
    {
        using var answer = await Http.GetAsync(path);
        return answer.StatusCode;
    }

    /// <summary>Waits until a path answers with a status.</summary>
    public async Task AnswersAsync(string path, HttpStatusCode status)
    {
        try
        {
            await Eventually.SeesAsync(
                () => HasExited ? throw new InvalidOperationException($"It ended:\n{Output}") : AskAsync(path), s => s == status, $"{path} to answer {status}", TimeSpan.FromSeconds(60));
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"{e.Message}\n{Output}", e);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static extern int Kill(int process, int signal);

    private void Note(string? line)
    {
        if (line is null)
            return;
        lock (_output)
        {
            _output.Add(line);
        }
    }
}

/// <summary>What a pod has that others have not.</summary>
/// <param name="Filter">The file of its system call filter; null for none.</param>
/// <param name="Writable">Folders that it sees as the machine has them.</param>
/// <param name="Groups">The control groups that it is put into; only together with a filter.</param>
internal sealed record PodBox(string? Filter, IReadOnlyList<string> Writable, IReadOnlyList<string> Groups)
{
    public static PodBox Usual { get; } = new(null, [], []);
}
