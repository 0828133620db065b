using System.Collections.Concurrent;
using System.Net;
using TalentSphere.TestKit;

namespace TalentSphere.Gateway.Tests.Resilience;

/// <summary>A request without effect that was not answered is sent once more, to another replica where there is one.</summary>
public sealed class RetryTests(RetryTests.Fixture gateway) : IClassFixture<RetryTests.Fixture>
{
    [Fact]
    public async Task The_death_of_a_replica_under_load_costs_no_get()
    {
        var statuses = new ConcurrentDictionary<HttpStatusCode, int>();
        using var over = new CancellationTokenSource();
        var clients = Enumerable.Range(0, 16).Select(async _ =>
        {
            using var client = gateway.Anonymous();
            while (!over.IsCancellationRequested)
            {
                using var response = await client.GetAsync("/api/v1/jobs/1");
                statuses.AddOrUpdate(response.StatusCode, 1, (_, n) => n + 1);
            }
        }).ToList();
        for (var round = 0; round < 3; round++)
        {
            var (first, second) = (gateway.First.Requests, gateway.Second.Requests);
            await Eventually.TrueAsync(() => gateway.First.Requests > first + 50 && gateway.Second.Requests > second + 50, "both replicas to be asked");
            await gateway.First.KillAsync();
            second = gateway.Second.Requests;
            await Eventually.TrueAsync(() => gateway.Second.Requests > second + 200, "the other replica to do all of it");
            gateway.First.Start();
        }
        await over.CancelAsync();
        await Task.WhenAll(clients);
        statuses.Keys.ShouldBe([HttpStatusCode.OK]);
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("HEAD")]
    [InlineData("OPTIONS")]
    public async Task Without_effect_it_is_sent_once_more(string method)
    {
        var answer = await gateway.Anonymous().ReadAsync(new HttpRequestMessage(new HttpMethod(method), $"/api/v1/courses/die-once-{method}"));
        answer.Status.ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("POST")]
    [InlineData("PUT")]
    [InlineData("PATCH")]
    [InlineData("DELETE")]
    public async Task With_effect_it_is_not(string method)
    {
        var answer = await gateway.Anonymous().ReadAsync(new HttpRequestMessage(new HttpMethod(method), $"/api/v1/courses/die-once-{method}"));
        answer.Status.ShouldBe(HttpStatusCode.ServiceUnavailable);
        gateway.Asked[$"die-once-{method}"].ShouldBe(1);
    }

    [Theory]
    [InlineData("die", HttpStatusCode.ServiceUnavailable, 2)]
    [InlineData("hang", HttpStatusCode.GatewayTimeout, 1)]
    [InlineData("garbage", HttpStatusCode.BadGateway, 1)]
    public async Task It_is_sent_twice_at_most_and_only_where_nothing_came(string manner, HttpStatusCode status, int asked)
    {
        var answer = await gateway.Anonymous().AskAsync("/api/v1/courses/" + manner);
        answer.Status.ShouldBe(status);
        gateway.Asked[manner].ShouldBe(asked);
    }

    [Fact]
    public async Task A_replica_at_which_everything_fails_is_taken_out_and_the_service_goes_on()
    {
        var statuses = new List<HttpStatusCode>();
        for (var i = 0; i < 150; i++)
            statuses.Add((await gateway.Anonymous().PostAsync("/api/v1/gamification/1", new { })).Status);
        statuses.Count(s => s == HttpStatusCode.ServiceUnavailable).ShouldBe(Fixture.ConsecutiveFailures);
        statuses.TakeLast(60).ShouldAllBe(s => s == HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("key")]
    [InlineData("batch")]
    public async Task A_body_that_the_gateway_holds_does_not_make_a_silent_service_the_clients_fault(string manner)
    {
        var client = gateway.Anonymous();
        if (manner == "key")
        {
            client.DefaultRequestHeaders.Add("Idempotency-Key", Guid.CreateVersion7().ToString());
            (await client.PostAsync("/api/v1/courses/hang-key", new { title = "x" })).Status.ShouldBe(HttpStatusCode.GatewayTimeout);
            return;
        }
        var batch = await client.PostAsync("/api/v1/batch", new { requests = new[] { new { id = 1, method = "POST", path = "/api/v1/courses/hang-part", body = new { title = "x" } } } });
        batch.Data[0]!["status"]!.GetValue<int>().ShouldBe(504, batch.Body);
    }

    [Fact]
    public async Task What_has_begun_to_arrive_is_not_sent_again()
    {
        await Should.ThrowAsync<HttpRequestException>(() => gateway.Anonymous().AskAsync("/api/v1/courses/die-half-way"));
        gateway.Asked["die-half-way"].ShouldBe(1);
    }

    /// <summary>Two replicas of jobs, and one lms that dies on request.</summary>
    public sealed class Fixture : GatewayFixture
    {
        internal const int ConsecutiveFailures = 20;

        private readonly RawUpstream _lms;

        public Fixture() => _lms = RawUpstream.Start(DieAsync);

        internal RawUpstream First { get; } = RawUpstream.Start(AnswerAsync);

        internal RawUpstream Second { get; } = RawUpstream.Start(AnswerAsync);

        internal RawUpstream Broken { get; } = RawUpstream.Start((_, _, _) => Task.FromResult(false));

        internal RawUpstream Sound { get; } = RawUpstream.Start(AnswerAsync);

        /// <summary>How often lms was asked for what.</summary>
        internal ConcurrentDictionary<string, int> Asked { get; } = new();

        public override async ValueTask DisposeAsync()
        {
            await base.DisposeAsync();
            foreach (var upstream in (RawUpstream[])[First, Second, Broken, Sound, _lms])
                await upstream.DisposeAsync();
        }

        protected override Task ConfigureAsync(IDictionary<string, string?> settings)
        {
            settings["services:jobs:http:0"] = First.Address;
            settings["services:jobs:http:1"] = Second.Address;
            settings["services:lms:http:0"] = _lms.Address;
            settings["Upstreams:Probe:Interval"] = "00:00:00.200";
            settings["services:gamification:http:0"] = Broken.Address;
            settings["services:gamification:http:1"] = Sound.Address;
            settings["Upstreams:Breaker:ConsecutiveFailures"] = $"{ConsecutiveFailures}";
            settings["Upstreams:Breaker:MinimumRequests"] = "1000";
            return Task.CompletedTask;
        }

        // Long enough that a death catches some in the middle of waiting.
        private static async Task<bool> AnswerAsync(string path, Stream stream, CancellationToken ended)
        {
            await SlowPeer.DawdleAsync(5, ended);
            return await RawUpstream.WriteAsync(stream, "{}");
        }

        private async Task<bool> DieAsync(string path, Stream stream, CancellationToken ended)
        {
            var manner = path.Split('/')[^1];
            var times = Asked.AddOrUpdate(manner, 1, (_, n) => n + 1);
            switch (manner)
            {
                case "die":
                case not null when manner.StartsWith("die-once", StringComparison.Ordinal) && times == 1:
                    return false;
                case "die-once-HEAD":
                    await stream.WriteAsync("HTTP/1.1 200 OK\r\nx-correlation-id: raw\r\nContent-Length: 2\r\n\r\n"u8.ToArray(), ended);
                    return true;
                case "hang" or "hang-key" or "hang-part":
                    await SlowPeer.HangAsync(ended);
                    return false;
                case "garbage":
                    await stream.WriteAsync("nonsense\r\n\r\n"u8.ToArray(), ended);
                    return false;
                case "die-half-way":
                    await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{}"u8.ToArray(), ended);
                    return false;
                default:
                    return await RawUpstream.WriteAsync(stream, "{}");
            }
        }
    }
}
