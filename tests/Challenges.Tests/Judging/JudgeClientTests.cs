using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using TalentSphere.Challenges.Judging;
using TalentSphere.TestKit;

namespace TalentSphere.Challenges.Tests.Judging;

public sealed class JudgeClientTests : IAsyncLifetime
{
    private StandInJudge _judge = null!;
    private StandInJudge _second = null!;

    public async ValueTask InitializeAsync() => (_judge, _second) = (await StandInJudge.StartAsync(), await StandInJudge.StartAsync());

    public async ValueTask DisposeAsync()
    {
        await _judge.DisposeAsync();
        await _second.DisposeAsync();
    }

    [Fact]
    public async Task A_job_is_told_of_from_its_beginning_to_its_end()
    {
        var told = await JudgeAsync(Client(_judge.Address), "cpu 5");
        told.Select(t => t.GetType()).ShouldBe([typeof(JudgeStarted), typeof(JudgeCompiling), typeof(JudgeCompiled), typeof(JudgeTested), typeof(JudgeTested), typeof(JudgeFinished)]);
        told[^1].ShouldBe(new JudgeFinished("accepted", 5, 0, "Stand-in 1.0"));
        var job = _judge.Jobs.Single();
        (job["limits"]!["cpuMs"]!.GetValue<int>(), job["checker"]!["kind"]!.GetValue<string>(), job["stopAtFirstFailure"]!.GetValue<bool>()).ShouldBe((2000, "tokens", false));
        job["checker"]!.AsObject().ContainsKey("absolute").ShouldBeFalse();
    }

    [Theory]
    [InlineData("ends half-way", "{\"event\":\"started\",\"toolchain\":\"x\"}\n")]
    [InlineData("ends in a line", "{\"event\":\"started\",\"toolch")]
    [InlineData("is empty", "")]
    [InlineData("is no JSON", "<html>\n")]
    [InlineData("is another JSON", "[]\n")]
    [InlineData("is null", "null\n")]
    [InlineData("has no event", "{}\n")]
    [InlineData("has an event that is no word", "{\"event\":1}\n")]
    [InlineData("has a number that is none", "{\"event\":\"test\",\"ordinal\":\"x\",\"verdict\":\"accepted\"}\n")]
    [InlineData("has a verdict that is none", "{\"event\":\"finished\",\"verdict\":\"perfect\",\"cpuMs\":1,\"memoryKb\":1,\"toolchain\":\"x\"}\n")]
    [InlineData("lacks the verdict", "{\"event\":\"finished\",\"cpuMs\":1,\"memoryKb\":1,\"toolchain\":\"x\"}\n")]
    [InlineData("holds half of a character", "{\"event\":\"started\",\"toolchain\":\"\\ud800\"}\n")]
    public async Task A_broken_answer_is_a_broken_job(string how, string body)
    {
        _judge.Instead = http => http.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(body)).AsTask();
        (await Should.ThrowAsync<JudgeUnavailableException>(() => JudgeAsync(Client(_judge.Address)), how)).Reason.ShouldBe(JudgeClient.Broken, how);
    }

    [Fact]
    public async Task A_line_without_end_is_given_up_on()
    {
        _judge.Instead = async http =>
        {
            var block = new byte[64 * 1024];
            while (!http.RequestAborted.IsCancellationRequested)
                await http.Response.Body.WriteAsync(block, http.RequestAborted);
        };
        (await Should.ThrowAsync<JudgeUnavailableException>(() => JudgeAsync(Client(_judge.Address)))).Reason.ShouldBe(JudgeClient.Broken);
    }

    [Fact]
    public async Task What_a_newer_judge_tells_besides_is_passed_over()
    {
        _judge.Instead = http => http.Response.Body.WriteAsync(
            "\n{\"event\":\"weather\",\"sun\":true}\r\n{\"verdict\":\"accepted\",\"more\":1,\"event\":\"finished\",\"cpuMs\":1,\"memoryKb\":2,\"toolchain\":\"x\"}\n"u8.ToArray()).AsTask();
        (await JudgeAsync(Client(_judge.Address))).ShouldBe([new JudgeFinished("accepted", 1, 2, "x")]);
    }

    [Fact]
    public async Task A_judge_that_falls_silent_is_given_up_on_and_left()
    {
        var left = new TaskCompletionSource();
        _judge.Instead = async http =>
        {
            await http.Response.Body.FlushAsync();
            http.RequestAborted.Register(left.SetResult);
            await left.Task;
        };
        (await Should.ThrowAsync<JudgeUnavailableException>(() => JudgeAsync(Client(_judge.Address)))).Reason.ShouldBe(JudgeClient.Broken);
        await left.Task.WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task A_judge_that_hangs_up_on_a_job_may_have_fallen_over_it_and_no_other_gets_it_at_once()
    {
        _judge.Instead = _second.Instead = http =>
        {
            http.Abort();
            return Task.CompletedTask;
        };
        var fault = await Should.ThrowAsync<JudgeUnavailableException>(() => JudgeAsync(Client(_judge.Address, _second.Address)));
        fault.Reason.ShouldBe(JudgeClient.Broken, fault.ToString());
        (_judge.Requests + _second.Requests).ShouldBe(1);
    }

    [Fact]
    public async Task A_judge_that_never_answers_is_away()
    {
        var end = new TaskCompletionSource();
        _judge.Instead = _ => end.Task;
        (await Should.ThrowAsync<JudgeUnavailableException>(() => JudgeAsync(Client(_judge.Address)))).Reason.ShouldBe(JudgeClient.Away);
        end.SetResult();
    }

    [Fact]
    public async Task Who_leaves_a_job_ends_it()
    {
        using var stop = new CancellationTokenSource();
        await Should.ThrowAsync<OperationCanceledException>(async () =>
        {
            await foreach (var told in Client(_judge.Address).JudgeAsync(Job("wait for-ever"), stop.Token))
            {
                if (told is JudgeTested)
                    await stop.CancelAsync();
            }
        });
        await Eventually.TrueAsync(() => _judge.Running == 0, "the job to end");
    }

    [Fact]
    public async Task Refusals_say_why_and_when_to_come_back()
    {
        foreach (var code in (string[])[JudgeClient.NoSlot, JudgeClient.MayNotJudge, JudgeClient.LanguageUnavailable])
        {
            var refusal = await Should.ThrowAsync<JudgeUnavailableException>(() => JudgeAsync(Client(_judge.Address), $"refuse {code} 1"));
            (refusal.Reason, refusal.RetryAfter).ShouldBe((code, TimeSpan.FromSeconds(1)));
        }
        _judge.Instead = http =>
        {
            http.Response.StatusCode = 422;
            return http.Response.WriteAsync("""{"error":{"code":"VALIDATION_FAILED","message":"cpuMs"}}""");
        };
        (await Should.ThrowAsync<JudgeRefusedException>(() => JudgeAsync(Client(_judge.Address)))).Code.ShouldBe("VALIDATION_FAILED");
        _judge.Instead = http =>
        {
            http.Response.StatusCode = 500;
            return Task.CompletedTask;
        };
        (await Should.ThrowAsync<JudgeUnavailableException>(() => JudgeAsync(Client(_judge.Address)))).Reason.ShouldBe(JudgeClient.Away);
    }

    [Fact]
    public async Task Without_the_right_key_there_is_no_judge()
    {
        (await Should.ThrowAsync<JudgeUnavailableException>(() => JudgeAsync(ClientWith("another", _judge.Address)))).Reason.ShouldBe(JudgeClient.Away);
        (await Should.ThrowAsync<JudgeUnavailableException>(() => JudgeAsync(ClientWith(null, _judge.Address)))).Message.ShouldContain("Judge:Key");
        (await Should.ThrowAsync<JudgeUnavailableException>(() => JudgeAsync(Client("http://127.0.0.1:1")))).Reason.ShouldBe(JudgeClient.Away);
    }

    [Fact]
    public async Task A_replica_that_is_away_or_busy_is_passed_over()
    {
        var client = Client(_judge.Address, "http://127.0.0.1:1", _second.Address);
        (_judge.Slots, _second.Slots, _second.Available) = (2, 3, ["python"]);
        var languages = await client.LanguagesAsync(CancellationToken.None);
        (languages.MayJudge, languages.Slots, languages.Languages.Count(l => l.Available)).ShouldBe((true, 5, 6));
        _judge.Refusal = JudgeClient.NoSlot;
        for (var i = 0; i < 6; i++)
            (await JudgeAsync(client))[^1].ShouldBeOfType<JudgeFinished>();
        _second.Jobs.Count.ShouldBe(6);
        await _second.DisposeAsync();
        (await Should.ThrowAsync<JudgeUnavailableException>(() => JudgeAsync(client))).Reason.ShouldBe(JudgeClient.NoSlot);
        _judge.Refusal = JudgeClient.MayNotJudge;
        (await client.LanguagesAsync(CancellationToken.None)).MayJudge.ShouldBeFalse();
        await _judge.DisposeAsync();
        (await Should.ThrowAsync<JudgeUnavailableException>(() => client.LanguagesAsync(CancellationToken.None))).Reason.ShouldBe(JudgeClient.Away);
    }

    private static JudgeClient Client(params string[] addresses) => ClientWith(StandInJudge.Key, addresses);

    private static JudgeClient ClientWith(string? key, params string[] addresses) => new(
        new HttpClient(new SocketsHttpHandler { MaxResponseDrainSize = 0 }) { Timeout = Timeout.InfiniteTimeSpan },
        new ConfigurationBuilder().AddInMemoryCollection(addresses.Select((a, i) => new KeyValuePair<string, string?>($"services:judge:http:{i}", a))).Build(),
        new Unchanging(new JudgeOptions { Key = key, Silence = TimeSpan.FromSeconds(1), Answer = TimeSpan.FromSeconds(2) }));

    private static JudgeJob Job(string source) =>
        new(Guid.CreateVersion7(), "python", source, new(2000, 65536, 1024), new("tokens"), [new(1, "1 2\n", "3\n"), new(2, "3 4\n", "7\n")]);

    private static async Task<List<JudgeEvent>> JudgeAsync(JudgeClient client, string source = "cpu 1")
    {
        var told = new List<JudgeEvent>();
        await foreach (var one in client.JudgeAsync(Job(source), CancellationToken.None))
            told.Add(one);
        return told;
    }

    private sealed class Unchanging(JudgeOptions options) : IOptionsMonitor<JudgeOptions>
    {
        public JudgeOptions CurrentValue => options;

        public JudgeOptions Get(string? name) => options;

        public IDisposable? OnChange(Action<JudgeOptions, string?> listener) => null;
    }
}
