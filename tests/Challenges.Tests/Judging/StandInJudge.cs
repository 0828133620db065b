using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Challenges.Tests.Judging;

/// <summary>
/// A server that speaks the judge's wire format and runs nothing: a submission's source says, a word and its value on each line, what it is to answer. For the
/// faults and delays that a real judge shows only by accident.
/// </summary>
/// <remarks>
/// <c>verdict x</c>: every hidden test ends so. <c>cpu n</c>, <c>memory n</c>: of each test. <c>compile-error text</c>. <c>break n</c>: the first n times the answer
/// ends half-way. <c>internal n</c>: the first n times it is an internal error. <c>refuse code n</c>: the first n times 503. <c>wait name</c>: goes on after
/// <see cref="Open"/>. <c>nonsense</c>: says accepted though a test failed. <c>tell</c>: says all it knows of the tests wherever it can.
/// </remarks>
public sealed class StandInJudge : IAsyncDisposable
{
    public const string Key = "a-key-of-the-test-run-and-of-nothing-else";

    private readonly ConcurrentDictionary<string, TaskCompletionSource> _gates = new();
    private readonly ConcurrentDictionary<string, int> _seen = new();
    private readonly ConcurrentQueue<JsonNode> _jobs = new();
    private readonly WebApplication _app;
    private int _running;
    private int _most;

    private StandInJudge()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.WebHost.ConfigureKestrel(o => o.Limits.MaxRequestBodySize = null);
        _app = builder.Build();
        _app.MapGet("/judge/languages", LanguagesAsync);
        _app.MapPost("/judge/jobs", JudgeAsync);
    }

    public string Address => _app.Urls.First();

    public int Slots { get; set; } = 4;

    /// <summary>Null: it judges. Otherwise the code of its refusal.</summary>
    public string? Refusal { get; set; }

    /// <summary>True: it answers nothing and hangs up.</summary>
    public bool Away { get; set; }

    /// <summary>What it does with a job instead.</summary>
    public Func<HttpContext, Task>? Instead { get; set; }

    public IReadOnlyList<string> Available { get; set; } = ["python", "javascript", "c", "cpp", "java", "csharp"];

    /// <summary>Every job so far, in order of arrival.</summary>
    public IReadOnlyList<JsonNode> Jobs => [.. _jobs];

    /// <summary>Everything it was asked.</summary>
    public int Requests { get; private set; }

    /// <summary>The most jobs at a time so far.</summary>
    public int MostAtATime => _most;

    /// <summary>How many are under way.</summary>
    public int Running => Volatile.Read(ref _running);

    public static async Task<StandInJudge> StartAsync()
    {
        var judge = new StandInJudge();
        await judge._app.StartAsync();
        return judge;
    }

    /// <summary>The jobs of one source.</summary>
    public IReadOnlyList<JsonNode> JobsOf(string source) => [.. _jobs.Where(j => j["source"]!.GetValue<string>() == source)];

    /// <summary>Lets everybody at a gate go on.</summary>
    public void Open(string gate) => Gate(gate).TrySetResult();

    public async ValueTask DisposeAsync()
    {
        foreach (var gate in _gates.Values)
            gate.TrySetResult();
        await _app.DisposeAsync();
    }

    private TaskCompletionSource Gate(string name) => _gates.GetOrAdd(name, _ => new(TaskCreationOptions.RunContinuationsAsynchronously));

    private async Task LanguagesAsync(HttpContext http)
    {
        if (!await EnterAsync(http))
            return;
        await http.Response.WriteAsJsonAsync(new
        {
            mayJudge = Refusal != "JUDGE_MAY_NOT_JUDGE",
            reason = Refusal,
            slots = Slots,
            languages = ((string[])["python", "javascript", "c", "cpp", "java", "csharp"])
                .Select(id => new { id, name = id, version = "1.0", available = Available.Contains(id), reason = (string?)null, timeFactor = 1.0, compiled = id != "python" }),
        });
    }

    private async Task JudgeAsync(HttpContext http)
    {
        if (!await EnterAsync(http))
            return;
        if (Refusal is { } refusal)
        {
            await RefuseAsync(http, refusal);
            return;
        }
        if (Instead is { } instead)
        {
            await instead(http);
            return;
        }
        var now = Interlocked.Increment(ref _running);
        _most = Math.Max(_most, now);
        try
        {
            await AnswerAsync(http, (await JsonNode.ParseAsync(http.Request.Body))!);
        }
        catch (OperationCanceledException)
        {
            // The caller hung up.
            return;
        }
        finally
        {
            Interlocked.Decrement(ref _running);
        }
    }

    private async Task<bool> EnterAsync(HttpContext http)
    {
        Requests++;
        if (Away)
        {
            http.Abort();
            return false;
        }
        if (http.Request.Headers.Authorization == "Bearer " + Key)
            return true;
        http.Response.StatusCode = 401;
        return false;
    }

    private static Task RefuseAsync(HttpContext http, string code)
    {
        http.Response.StatusCode = 503;
        http.Response.Headers.RetryAfter = "1";
        return http.Response.WriteAsJsonAsync(new { success = false, error = new { code, message = "Not now." } });
    }

    private async Task AnswerAsync(HttpContext http, JsonNode job)
    {
        _jobs.Enqueue(job);
        var source = job["source"]!.GetValue<string>();
        var words = source.Split('\n').Select(l => l.Trim().TrimStart('#', ' ').Split(' ', 2)).GroupBy(w => w[0]).ToDictionary(w => w.Key, w => w.First().ElementAtOrDefault(1) ?? "");
        var time = _seen.AddOrUpdate(source, 1, (_, n) => n + 1);
        if (words.TryGetValue("refuse", out var refuse) && refuse.Split(' ') is [var code, var times] && time <= int.Parse(times))
        {
            await RefuseAsync(http, code);
            return;
        }
        var (breaks, isInternal) = (time <= Number(words, "break"), time <= Number(words, "internal"));
        http.Response.ContentType = "application/x-ndjson";
        var told = words.ContainsKey("tell");
        await TellAsync(http, new { @event = "started", toolchain = "Stand-in 1.0" });
        await TellAsync(http, new { @event = "compiling" });
        if (words.TryGetValue("compile-error", out var messages))
        {
            await TellAsync(http, new { @event = "compiled", ok = false, messages, timeMs = 5 });
            await TellAsync(http, new { @event = "finished", verdict = "compile-error", cpuMs = 0, memoryKb = 0, toolchain = "Stand-in 1.0" });
            return;
        }
        await TellAsync(http, new { @event = "compiled", ok = true, messages = "", timeMs = 5 });
        var tests = job["tests"]!.AsArray();
        var overall = "accepted";
        var captured = job["captureOutput"]?.GetValue<bool>() == true;
        for (var i = 0; i < tests.Count; i++)
        {
            if (i == tests.Count - 1 && words.TryGetValue("wait", out var gate))
                await Gate(gate).Task.WaitAsync(http.RequestAborted);
            if (i == tests.Count - 1 && breaks)
            {
                http.Abort();
                return;
            }
            var test = tests[i]!;
            var verdict = i == tests.Count - 1 && words.TryGetValue("verdict", out var wanted) ? wanted : "accepted";
            overall = overall == "accepted" ? verdict : overall;
            var hint = told ? $"{test["input"]} {test["expectedOutput"]}" : null;
            await TellAsync(http, new
            {
                @event = "test",
                ordinal = test["ordinal"]!.GetValue<int>(),
                index = i + 1,
                of = tests.Count,
                verdict,
                cpuMs = Number(words, "cpu"),
                wallMs = 20,
                memoryKb = Number(words, "memory"),
                detail = hint ?? (verdict == "time-limit" ? "cpu" : verdict == "runtime-error" ? "exit 7" : null),
                output = captured || told ? hint ?? "3\n" : null,
                errorOutput = captured || told ? hint ?? "" : null,
            });
            if (verdict != "accepted" && job["stopAtFirstFailure"]?.GetValue<bool>() == true)
                break;
        }
        overall = words.ContainsKey("nonsense") ? "accepted" : isInternal ? "internal-error" : overall;
        await TellAsync(http, new { @event = "finished", verdict = overall, cpuMs = Number(words, "cpu"), memoryKb = Number(words, "memory"), toolchain = "Stand-in 1.0" });
    }

    private static int Number(Dictionary<string, string> words, string name) => words.TryGetValue(name, out var text) ? int.Parse(text) : 0;

    private static async Task TellAsync(HttpContext http, object line)
    {
        await http.Response.Body.WriteAsync((byte[])[.. JsonSerializer.SerializeToUtf8Bytes(line, ApiJson.Options), (byte)'\n'], http.RequestAborted);
        await http.Response.Body.FlushAsync(http.RequestAborted);
    }
}
