using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.Extensions.DependencyInjection;
using TalentSphere.Judge.Sandbox;
using TalentSphere.Judge.Tests;
using TalentSphere.TestKit;

[assembly: AssemblyFixture(typeof(JudgeFixture))]

namespace TalentSphere.Judge.Tests;

/// <summary>The worker as it runs in the mesh, one for the assembly, in real boxes; beside it what a program that got out of one would reach.</summary>
public sealed class JudgeFixture : WebApplicationFactory<Program>, IAsyncLifetime
{
    /// <summary>Nothing that a program prints may hold it.</summary>
    public const string Key = "a-key-that-no-program-in-a-box-may-ever-see";

    private readonly List<Socket> _decoys = [];
    private int _reached;

    private SemaphoreSlim? _turns;

    /// <summary>The port of a listener on the machine's loopback, as a database might be there.</summary>
    public int DecoyPort { get; private set; }

    /// <summary>The name of an abstract Unix socket that listens.</summary>
    public string DecoyName { get; } = "judge-decoy-" + Environment.ProcessId.ToString(CultureInfo.InvariantCulture);

    /// <summary>How often a decoy was reached.</summary>
    public int Reached => _reached;

    internal Slots Slots => Services.GetRequiredService<Workshop>().Slots;

    public async ValueTask InitializeAsync()
    {
        DecoyPort = Listen(new IPEndPoint(IPAddress.Loopback, 0));
        Listen(new UnixDomainSocketEndPoint("\0" + DecoyName));
        Environment.SetEnvironmentVariable("JUDGE_TEST_SECRET", Key);
        UseKestrel(0);
        StartServer();
        using var client = Caller();
        await Eventually.SeesAsync(() => client.GetStringAsync("/judge/languages"), text => text.Contains("\"mayJudge\":true"), "the worker to judge", TimeSpan.FromSeconds(60));
        // It has judged something of its own by then.
        await Eventually.SeesAsync(async () => (await client.GetAsync("/ready")).StatusCode, status => status == HttpStatusCode.OK, "the worker to be warm", TimeSpan.FromSeconds(60));
        _turns = new(Slots.Count);
    }

    /// <summary>A client that knows the key.</summary>
    public HttpClient Caller(string key = Key)
    {
        var client = CreateClient();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        return client;
    }

    /// <summary>Has a job judged to its end.</summary>
    public async Task<Judged> JudgeAsync(object job)
    {
        await _turns!.WaitAsync();
        try
        {
            using var client = Caller();
            using var response = await client.PostAsJsonAsync("/judge/jobs", job);
            var text = await response.Content.ReadAsStringAsync();
            response.StatusCode.ShouldBe(HttpStatusCode.OK, text);
            return new([.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonNode.Parse(l)!)]);
        }
        finally
        {
            _turns.Release();
        }
    }

    /// <summary>Has a program judged on one test.</summary>
    public Task<Judged> JudgeAsync(string language, string source, string input = "", string expected = "", int cpuMs = 1000, int memoryMb = 64, string checker = "exact") =>
        JudgeAsync(Job(language, source, [(input, expected)], cpuMs, memoryMb, checker));

    /// <summary>A job as the mesh sends it.</summary>
    public static object Job(
        string language, string source, IEnumerable<(string Input, string Expected)> tests, int cpuMs = 1000, int memoryMb = 64, object? checker = null) => new
        {
            id = Guid.CreateVersion7(),
            language,
            source,
            limits = new { cpuMs, memoryKb = memoryMb * 1024, outputKb = 256 },
            checker = checker is string kind ? new { kind } : checker ?? new { kind = "tokens" },
            captureOutput = true,
            tests = tests.Select((t, i) => new { ordinal = i + 1, input = t.Input, expectedOutput = t.Expected }),
        };

    /// <summary>What is left of boxes on this machine: processes of the slots' users, and control groups. Nothing else of a box has a place outside.</summary>
    public IReadOnlyList<string> Remains()
    {
        var users = Slots.OwnUsers.ToHashSet();
        var processes = Directory.EnumerateDirectories("/proc").Where(d => char.IsAsciiDigit(Path.GetFileName(d)[0])).Where(d => UserOf(d) is { } user && users.Contains(user));
        return [.. processes, .. Slots.OpenGroups];
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _decoys.ForEach(d => d.Dispose());
        _turns?.Dispose();
        GC.SuppressFinalize(this);
    }

    protected override void ConfigureWebHost(IWebHostBuilder builder) => builder.UseSetting("Judge:Key", Key);

    private static int? UserOf(string process)
    {
        try
        {
            var line = File.ReadLines(Path.Join(process, "status")).FirstOrDefault(l => l.StartsWith("Uid:", StringComparison.Ordinal));
            return line is null ? null : int.Parse(line.Split('\t')[1], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return null;
        }
    }

    private int Listen(EndPoint at)
    {
        var socket = new Socket(at.AddressFamily, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(at);
        socket.Listen();
        _decoys.Add(socket);
        _ = AcceptAsync(socket);
        return (socket.LocalEndPoint as IPEndPoint)?.Port ?? 0;
    }

    private async Task AcceptAsync(Socket socket)
    {
        try
        {
            while (true)
            {
                using var connection = await socket.AcceptAsync();
                Interlocked.Increment(ref _reached);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return;
        }
    }
}

/// <summary>A job's answer.</summary>
public sealed record Judged(IReadOnlyList<JsonNode> Events)
{
    public string Verdict => Text(Events[^1], "verdict");

    public IReadOnlyList<JsonNode> Tests => [.. Events.Where(e => Text(e, "event") == "test")];

    public string? Detail => Tests.Count > 0 ? (string?)Tests[0]["detail"] : null;

    public string Output => Tests.Count > 0 ? (string?)Tests[0]["output"] ?? "" : "";

    public string Errors => Tests.Count > 0 ? (string?)Tests[0]["errorOutput"] ?? "" : "";

    public string Messages => (string?)Events.FirstOrDefault(e => Text(e, "event") == "compiled")?["messages"] ?? "";

    public int CpuMs => Tests.Max(t => (int)t["cpuMs"]!);

    public int WallMs => Tests.Max(t => (int)t["wallMs"]!);

    public override string ToString() => string.Join('\n', Events.Select(e => e.ToJsonString(_readable)));

    private static readonly JsonSerializerOptions _readable = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static string Text(JsonNode node, string key) => (string?)node[key] ?? "";
}
