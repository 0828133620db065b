using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using TalentSphere.Challenges.Judging;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Challenges.Tests;

/// <summary>
/// Speaks as a judge does and runs nothing: a source's first line says what is to become of it, as in <c># judge: wrong-answer 2</c>. For what a
/// real judge does not do on demand: being away, busy, breaking off, failing.
/// </summary>
/// <remarks>
/// <c>{verdict} {test}</c>: that verdict at that test; <c>busy {n}</c>: no slot for the first n tries; <c>breaks {n}</c>: breaks off n times;
/// <c>hold {key}</c>: waits for <see cref="Release"/>; anything else is accepted.
/// </remarks>
internal sealed class ScriptedJudge : IAsyncDisposable
{
    public const string Key = "a-key-that-only-the-scripted-judge-has";

    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, int> _tries = new();
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _held = new();

    private ScriptedJudge(WebApplication app) => _app = app;

    public string Address => _app.Urls.Single();

    /// <summary>False: it refuses everything, as on a machine without namespaces.</summary>
    public bool MayJudge { get; set; } = true;

    /// <summary>Every job that it took, in order.</summary>
    public ConcurrentQueue<JudgeJob> Jobs { get; } = new();

    public static async Task<ScriptedJudge> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.WebHost.ConfigureKestrel(o => o.Limits.MaxRequestBodySize = 100 * 1024 * 1024);
        var app = builder.Build();
        var judge = new ScriptedJudge(app);
        app.Use((context, next) => context.Request.Headers.Authorization == $"Bearer {Key}" ? next(context) : RefuseAsync(context, 401, "AUTH_TOKEN_INVALID"));
        app.MapGet("/judge/languages", judge.LanguagesAsync);
        app.MapPost("/judge/jobs", judge.JudgeAsync);
        await app.StartAsync();
        return judge;
    }

    /// <summary>Lets the jobs that hold for <paramref name="key"/> go on, now and later.</summary>
    public void Release(string key) => Held(key).TrySetResult();

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private Task LanguagesAsync(HttpContext context)
    {
        JudgeLanguage Language(string id, bool available = true) => new(id, id, "1", available, available ? null : "not installed", 1, false);
        return context.Response.WriteAsJsonAsync(
            new JudgeLanguages(MayJudge, MayJudge ? null : "user namespaces are switched off", 2, [Language("python"), Language("c"), Language("javascript"), Language("java", false)]),
            ApiJson.Options);
    }

    private async Task JudgeAsync(HttpContext context)
    {
        var job = (await context.Request.ReadFromJsonAsync<JudgeJob>(ApiJson.Options))!;
        Jobs.Enqueue(job);
        if (!MayJudge)
        {
            await RefuseAsync(context, 503, "JUDGE_MAY_NOT_JUDGE");
            return;
        }
        var line = job.Source.Split('\n')[0];
        var words = line.Contains("judge: ", StringComparison.Ordinal) ? line[(line.IndexOf("judge: ", StringComparison.Ordinal) + 7)..].Split(' ') : ["accepted", "0"];
        var number = words.Length > 1 && int.TryParse(words[1], out var n) ? n : 0;
        if (words[0] == "busy" && _tries.AddOrUpdate(job.Source, 1, (_, tries) => tries + 1) <= number)
        {
            await RefuseAsync(context, 503, "JUDGE_NO_SLOT");
            return;
        }
        context.Response.ContentType = "application/x-ndjson";
        await TellAsync(context, new { @event = "started", toolchain = "Scripted 1" });
        if (words[0] == "breaks" && _tries.AddOrUpdate(job.Source, 1, (_, tries) => tries + 1) <= number)
        {
            context.Abort();
            return;
        }
        if (words[0] == "hold")
            await Held(words[1]).Task.WaitAsync(context.RequestAborted);
        if (words[0] == "compile-error")
        {
            await TellAsync(context, new { @event = "compiled", ok = false, messages = "line 1: what is that?", timeMs = 5 });
            await TellAsync(context, new { @event = "finished", verdict = "compile-error", cpuMs = 0, memoryKb = 0, toolchain = "Scripted 1" });
            return;
        }
        var verdict = "accepted";
        foreach (var (test, index) in job.Tests.Select((t, i) => (t, i + 1)))
        {
            var one = test.Ordinal == number && Verdicts.All.Contains(words[0]) ? words[0] : "accepted";
            await TellAsync(context, new { @event = "test", ordinal = test.Ordinal, index, of = job.Tests.Count, verdict = one, cpuMs = 7, wallMs = 9, memoryKb = 1234 });
            if (one == "accepted")
                continue;
            verdict = one;
            break;
        }
        await TellAsync(context, new { @event = "finished", verdict, cpuMs = 7, memoryKb = 1234, toolchain = "Scripted 1" });
    }

    private TaskCompletionSource Held(string key) => _held.GetOrAdd(key, _ => new(TaskCreationOptions.RunContinuationsAsynchronously));

    private static async Task TellAsync(HttpContext context, object told)
    {
        await context.Response.WriteAsync(JsonSerializer.Serialize(told, ApiJson.Options) + "\n");
        await context.Response.Body.FlushAsync();
    }

    private static Task RefuseAsync(HttpContext context, int status, string code)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsJsonAsync(new { success = false, error = new { code, message = "No." } });
    }
}
