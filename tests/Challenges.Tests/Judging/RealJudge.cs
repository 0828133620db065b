using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using TalentSphere.TestKit;

namespace TalentSphere.Challenges.Tests.Judging;

/// <summary>The judge itself, as a process of its own, as the mesh starts it. It really runs what it is given, in boxes.</summary>
public sealed class RealJudge : IAsyncDisposable
{
    public const string Key = "a-key-of-the-test-run-and-of-nothing-else";

    private readonly Process _process;
    private PosixSignalRegistration? _terminated;

    private RealJudge(Process process, Uri address) => (_process, Address) = (process, address);

    public Uri Address { get; }

    /// <summary>Why it may not judge here; null when it may.</summary>
    public string? Reason { get; private set; }

    /// <summary>Starts it and waits until it has probed its boxes.</summary>
    public static async Task<RealJudge> StartAsync()
    {
        var address = new Uri($"http://127.0.0.1:{FreePort()}/");
        var start = new ProcessStartInfo("dotnet", [AssemblyFile()])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["ASPNETCORE_URLS"] = address.ToString();
        start.Environment["Judge__Key"] = Key;
        start.Environment["Logging__LogLevel__Default"] = "Warning";
        // Beside the judge of a mesh on the same machine.
        start.Environment["Judge__FirstUserId"] = "61700";
        var judge = new RealJudge(Process.Start(start)!, address);
        // A test run that is ended in the middle leaves no judge behind.
        AppDomain.CurrentDomain.ProcessExit += (_, _) => judge.End();
        judge._terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, _ => judge.End());
        judge._process.OutputDataReceived += (_, _) => { };
        judge._process.ErrorDataReceived += (_, _) => { };
        judge._process.BeginOutputReadLine();
        judge._process.BeginErrorReadLine();
        using var client = new HttpClient { BaseAddress = address };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Key);
        var told = await Eventually.SeesAsync(
            async () => JsonNode.Parse(await client.GetStringAsync("judge/languages"))!,
            languages => languages["mayJudge"]!.GetValue<bool>() || !languages["reason"]!.GetValue<string>().StartsWith("startup", StringComparison.Ordinal),
            "the judge to have probed its boxes", TimeSpan.FromMinutes(3));
        judge.Reason = told["mayJudge"]!.GetValue<bool>() ? null : told["reason"]!.GetValue<string>();
        return judge;
    }

    public async ValueTask DisposeAsync()
    {
        End();
        await _process.WaitForExitAsync();
        _terminated?.Dispose();
    }

    private void End()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
    }

    private static string AssemblyFile()
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(root.FullName, "TalentSphere.sln")))
            root = root.Parent ?? throw new InvalidOperationException("The checkout is not above this program.");
        var framework = new DirectoryInfo(AppContext.BaseDirectory);
        return Path.Combine(root.FullName, "Services", "Judge", "bin", framework.Parent!.Name, framework.Name, "TalentSphere.Judge.dll");
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
