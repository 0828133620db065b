using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;

namespace TalentSphere.AppHost.LocalHosting;

/// <summary>What to run, and how to end it.</summary>
internal sealed record LaunchSpec(string FileName, IReadOnlyList<string> Arguments, string WorkingDirectory)
{
    /// <summary>Set on top of what <see cref="ChildProcess"/> lets through from the AppHost's own environment.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Given on standard input; without it standard input is empty.</summary>
    public string? StandardInput { get; init; }

    /// <summary>The system user to run as, when the AppHost is root.</summary>
    public string? User { get; init; }

    /// <summary>Asks the program to end in good order.</summary>
    public int StopSignal { get; init; } = Signals.Terminate;

    /// <summary>What the kernel sends when the AppHost is gone, by its name without SIG.</summary>
    public string DeathSignal { get; init; } = "KILL";

    /// <summary>Runs beside the program from before its start, which waits for <see cref="Port"/> of it, until after its end.</summary>
    public LaunchSpec? Companion { get; init; }

    /// <summary>The loopback port that it listens on, when somebody waits for it.</summary>
    public int? Port { get; init; }
}

internal static partial class Signals
{
    public const int Interrupt = 2;
    public const int Kill = 9;
    public const int Terminate = 15;

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    internal static partial int Send(int processOrGroup, int signal);
}

/// <summary>
/// A process that cannot outlive the AppHost. The kernel signals it when the <em>thread</em> that started it ends (prctl(2), PR_SET_PDEATHSIG), so one
/// thread that lives as long as the AppHost starts them all. Each has a session of its own: Ctrl-C in the terminal reaches the AppHost alone, which
/// then stops them in order.
/// </summary>
internal sealed class ChildProcess
{
    // The parent may die before setpriv has asked for the signal; then the shell's parent is no longer the AppHost and nothing is run.
    private const string _onlyWhileTheAppHostLives = """[ "$PPID" = "$1" ] || exit 1; shift; exec "$@" """;

    private static readonly string[] _notInherited =
        ["ASPNETCORE_", "DOTNET_ENVIRONMENT", "DOTNET_LAUNCH", "Parameters__", "ConnectionStrings__", "services__", "MESH_", "Mesh__", "Logging__", "MSBUILD"];

    private static readonly BlockingCollection<Action> _starts = StartThread();

    private readonly Process _process;
    private readonly LaunchSpec _spec;
    private readonly Thread[] _readers;

    private ChildProcess(Process process, LaunchSpec spec, ResourceLog log)
    {
        _process = process;
        _spec = spec;
        Id = process.Id;
        _readers = [Read(process.StandardOutput, log, isError: false), Read(process.StandardError, log, isError: true)];
        Exited = WaitAsync();
    }

    public int Id { get; }

    /// <summary>The exit code; 128 and the signal's number when a signal ended it.</summary>
    public Task<int> Exited { get; }

    public static async Task<ChildProcess> StartAsync(LaunchSpec spec, ResourceLog log)
    {
        var process = new Process { StartInfo = StartInfo(spec) };
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _starts.Add(() =>
        {
            try
            {
                process.Start();
                started.SetResult();
            }
            catch (Exception e)
            {
                started.SetException(e);
            }
        });
        await started.Task;
        if (spec.StandardInput is { } input)
            await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        return new(process, spec, log);
    }

    /// <summary>Returns when something listens on the port, or the process has ended.</summary>
    public async Task ListensAsync(int port, CancellationToken cancellationToken)
    {
        while (!Exited.IsCompleted && !await AnswersAsync(port, cancellationToken))
            await Task.Delay(TimeSpan.FromMilliseconds(20), cancellationToken);
    }

    /// <summary>By a connection: to bind the port, if only for a moment, could keep the one who is awaited from it.</summary>
    private static async Task<bool> AnswersAsync(int port, CancellationToken cancellationToken)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>Runs to the end and gives the exit code.</summary>
    public static async Task<int> RunAsync(LaunchSpec spec, ResourceLog log, CancellationToken cancellationToken)
    {
        var child = await StartAsync(spec, log);
        try
        {
            return await child.Exited.WaitAsync(cancellationToken);
        }
        finally
        {
            child.Kill();
        }
    }

    /// <summary>
    /// Asks it to end; after <paramref name="patience"/>, or when <paramref name="hurry"/> fires, it is killed. True when it ended by itself.
    /// </summary>
    public async Task<bool> StopAsync(TimeSpan patience, CancellationToken hurry)
    {
        Signal(_spec.StopSignal);
        try
        {
            await Exited.WaitAsync(patience, hurry);
            return true;
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            Kill();
            await Exited;
            return false;
        }
    }

    public void Kill() => Signal(Signals.Kill);

    private void Signal(int signal)
    {
        if (!Exited.IsCompleted)
            _ = Signals.Send(Id, signal);
    }

    private async Task<int> WaitAsync()
    {
        await _process.WaitForExitAsync();
        // What it started and left behind sits in the process group that it led.
        _ = Signals.Send(-Id, Signals.Kill);
        await Task.Run(() => Array.ForEach(_readers, reader => reader.Join(TimeSpan.FromSeconds(1))));
        var code = _process.ExitCode;
        _process.Dispose();
        return code;
    }

    private static ProcessStartInfo StartInfo(LaunchSpec spec)
    {
        var info = new ProcessStartInfo("setsid")
        {
            WorkingDirectory = spec.WorkingDirectory,
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
        };
        string[] user = spec.User is null ? [] : [$"--reuid={spec.User}", $"--regid={spec.User}", "--init-groups"];
        string[] command =
        [
            "setpriv", .. user, $"--pdeathsig={spec.DeathSignal}", "sh", "-c", _onlyWhileTheAppHostLives, "sh",
            Environment.ProcessId.ToString(CultureInfo.InvariantCulture), spec.FileName, .. spec.Arguments,
        ];
        foreach (var argument in command)
            info.ArgumentList.Add(argument);
        foreach (var name in info.Environment.Keys.Where(name => _notInherited.Any(p => name.StartsWith(p, StringComparison.OrdinalIgnoreCase))).ToList())
            info.Environment.Remove(name);
        foreach (var (name, value) in spec.Environment)
            info.Environment[name] = value;
        return info;
    }

    /// <summary>A thread per stream: reads of pipes block, and the pool has better uses for its threads.</summary>
    private static Thread Read(StreamReader reader, ResourceLog log, bool isError)
    {
        var thread = new Thread(() => LogLines.Pump(reader, line => log.Append(line, isError)), maxStackSize: 256 * 1024)
        {
            IsBackground = true,
            Name = "log reader",
        };
        thread.Start();
        return thread;
    }

    private static BlockingCollection<Action> StartThread()
    {
        var starts = new BlockingCollection<Action>();
        new Thread(() =>
        {
            foreach (var start in starts.GetConsumingEnumerable())
                start();
        })
        { IsBackground = true, Name = "process starter" }.Start();
        return starts;
    }
}
