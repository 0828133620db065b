using System.Diagnostics;

namespace TalentSphere.Cli.Machine;

/// <summary>Runs other programs; arguments are passed as they are, never through a shell.</summary>
public static class Tool
{
    /// <summary>Runs a program with its output in a log file.</summary>
    /// <returns>Its exit code.</returns>
    public static async Task<int> RunToLogAsync(
        string logPath, string file, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null,
        string? directory = null, CancellationToken cancellationToken = default)
    {
        await using var log = new StreamWriter(new FileStream(logPath, FileMode.Create, FileAccess.Write, FileShare.Read)) { AutoFlush = true };
        using var process = Start(file, arguments, environment, directory, redirect: true);
        var gate = new Lock();
        void Write(string? line)
        {
            if (line is null)
                return;
            lock (gate)
                log.WriteLine(line);
        }
        process.OutputDataReceived += (_, e) => Write(e.Data);
        process.ErrorDataReceived += (_, e) => Write(e.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        await WaitOrKillAsync(process, cancellationToken);
        return process.ExitCode;
    }

    /// <summary>Runs a program on this terminal.</summary>
    public static async Task<int> RunHereAsync(
        string file, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null, CancellationToken cancellationToken = default)
    {
        using var process = Start(file, arguments, environment, directory: null, redirect: false);
        await WaitOrKillAsync(process, cancellationToken);
        return process.ExitCode;
    }

    /// <summary>Starts a program.</summary>
    public static Process Start(
        string file, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null, string? directory = null, bool redirect = false,
        bool redirectInput = false)
    {
        var start = new ProcessStartInfo(file, arguments)
        {
            WorkingDirectory = directory ?? Mesh.MeshPaths.Root,
            RedirectStandardOutput = redirect,
            RedirectStandardError = redirect,
            RedirectStandardInput = redirectInput,
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
            start.Environment[name] = value;
        return Process.Start(start) ?? throw new MeshException($"{file} could not be started");
    }

    /// <summary>Where a program is, or null.</summary>
    public static string? Find(string program, params IEnumerable<string> alsoIn) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries).Concat(alsoIn)
            .Select(directory => Path.Combine(directory, program)).FirstOrDefault(IsThere);

    /// <summary>The last lines of a file, for telling what went wrong.</summary>
    public static string Tail(string path, int lines = 15) => File.Exists(path) ? string.Join('\n', File.ReadLines(path).TakeLast(lines)) : "";

    // What a removed package leaves behind may be a link to nowhere.
    private static bool IsThere(string path) => File.Exists(path) && File.ResolveLinkTarget(path, returnFinalTarget: true) is null or { Exists: true };

    private static async Task WaitOrKillAsync(Process process, CancellationToken cancellationToken)
    {
        try
        {
            await process.WaitForExitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }
}
