using System.Diagnostics;
using System.Net;
using TalentSphere.TestKit;

namespace TalentSphere.Gateway.Tests.Resilience;

/// <summary>A breaker between a gateway and a service, from outside.</summary>
public sealed class BreakerTests(BreakerTests.Fixture gateway) : IClassFixture<BreakerTests.Fixture>
{
    [Fact]
    public async Task A_service_that_is_killed_is_refused_at_once_and_back_soon_after_it_is_ready()
    {
        (await gateway.Anonymous().AskAsync("/api/v1/exams/1")).Status.ShouldBe(HttpStatusCode.OK);
        await gateway.Exams.KillAsync();
        using var opened = new InstrumentReader(gateway.Services, "gateway_breaker_opened_total", ("service", "exams"));
        using var refusals = new InstrumentReader(gateway.Services, "gateway_breaker_refused_total", ("service", "exams"));
        await Eventually.SeesAsync(async () =>
        {
            await gateway.Anonymous().PostAsync("/api/v1/exams/1");
            return BreakerState("exams");
        }, state => state == 2, "the breaker to open");
        var refused = await gateway.Anonymous().PostAsync("/api/v1/exams/1");
        (refused.Status, refused.Code).ShouldBe((HttpStatusCode.ServiceUnavailable, "UPSTREAM_UNAVAILABLE"));
        refused.Headers.RetryAfter!.Delta.ShouldBe(TimeSpan.FromSeconds(2), "it is let in as soon as it is ready");
        (await gateway.Anonymous().AskAsync("/api/v1/courses")).Status.ShouldBe(HttpStatusCode.OK, "the others go on");
        BreakerState("exams").ShouldBe(2);
        opened.Read().ShouldBe(1);
        refusals.Read().ShouldBe(1);
        (await gateway.Anonymous().GetStringAsync("/metrics")).ShouldContain("gateway_breaker_state{service=\"exams\"}");
        var deep = await gateway.SignedIn(Guid.CreateVersion7(), "ops").AskAsync("/health/deep");
        deep.Status.ShouldBe(HttpStatusCode.OK, deep.Body);
        deep.Json["checks"]!["upstream-exams"]!["status"]!.GetValue<string>().ShouldBe("degraded");
        deep.Json["checks"]!["upstream-lms"]!["status"]!.GetValue<string>().ShouldBe("ok");
        (await gateway.Anonymous().AskAsync("/ready")).Status.ShouldBe(HttpStatusCode.OK);

        var watch = Stopwatch.StartNew();
        gateway.Exams.Start();
        await Eventually.SeesAsync(() => gateway.Anonymous().AskAsync("/api/v1/exams/1"), a => a.Status == HttpStatusCode.OK, "the service to be let in");
        watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(10), "long before the break is over");
        BreakerState("exams").ShouldBe(0);
    }

    [Fact]
    public async Task A_service_that_is_too_slow_gets_no_more_requests_though_it_is_ready()
    {
        for (var i = 0; i < 5; i++)
            (await gateway.Anonymous().AskAsync("/api/v1/gamification/hang")).Status.ShouldBe(HttpStatusCode.GatewayTimeout);
        var before = gateway.Gamification.Requests;
        var answer = await gateway.Anonymous().AskAsync("/api/v1/gamification/me");
        (answer.Status, answer.Code).ShouldBe((HttpStatusCode.ServiceUnavailable, "UPSTREAM_UNAVAILABLE"));
        answer.Headers.RetryAfter!.Delta!.Value.ShouldBeGreaterThan(TimeSpan.FromSeconds(10));
        gateway.Gamification.Requests.ShouldBe(before);
    }

    [Fact]
    public async Task Clusters_of_one_service_share_its_breaker()
    {
        for (var i = 0; i < 5; i++)
            (await gateway.Anonymous().PostAsync("/api/v1/challenges/7/run")).Status.ShouldBe(HttpStatusCode.ServiceUnavailable);
        using var refused = new InstrumentReader(gateway.Services, "gateway_breaker_refused_total", ("service", "challenges"));
        (await gateway.Anonymous().AskAsync("/api/v1/submissions")).Status.ShouldBe(HttpStatusCode.ServiceUnavailable);
        (await gateway.Anonymous().AskAsync("/hubs/challenges")).Status.ShouldBe(HttpStatusCode.ServiceUnavailable);
        refused.Read().ShouldBe(2);
    }

    [Fact]
    public async Task What_a_service_answers_itself_is_no_failure_whatever_it_is()
    {
        foreach (var manner in (string[])["own-500", "own-503", "own-404"])
        {
            for (var i = 0; i < 12; i++)
                (await gateway.Anonymous().AskAsync("/api/v1/notifications/" + manner)).Body.ShouldBe("{\"own\":1}");
        }
        (await gateway.Anonymous().AskAsync("/api/v1/notifications")).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_client_that_hangs_up_is_no_failure()
    {
        for (var i = 0; i < 8; i++)
        {
            var before = gateway.Notification.Requests;
            using var hangUp = new CancellationTokenSource();
            var asking = gateway.Anonymous().GetAsync("/api/v1/notifications/hang", hangUp.Token);
            await Eventually.TrueAsync(() => gateway.Notification.Requests > before, "the request to arrive");
            await hangUp.CancelAsync();
            await Should.ThrowAsync<OperationCanceledException>(() => asking);
        }
        await Eventually.TrueAsync(() => gateway.Log.Count(l => l.Contains("GET /api/v1/notifications/hang", StringComparison.Ordinal)) >= 8, "the gateway to notice");
        (await gateway.Anonymous().AskAsync("/api/v1/notifications")).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task An_answer_by_something_in_the_services_place_says_that_it_is_away()
    {
        var answer = await gateway.Anonymous().AskAsync("/api/v1/auth/stand-in");
        (answer.Status, answer.Code).ShouldBe((HttpStatusCode.ServiceUnavailable, "UPSTREAM_UNAVAILABLE"));
        answer.Headers.RetryAfter!.Delta.ShouldBe(TimeSpan.FromSeconds(2));
        answer.Headers.Contains("X-Stand-In").ShouldBeFalse();
        answer.Body.ShouldNotContain("no healthy upstream");
        for (var i = 0; i < 5; i++)
            await gateway.Anonymous().AskAsync("/api/v1/auth/stand-in");
        (await gateway.Anonymous().AskAsync("/api/v1/auth/me")).Status.ShouldBe(HttpStatusCode.ServiceUnavailable);
    }

    private double BreakerState(string service) => InstrumentReader.Read(gateway.Services, "gateway_breaker_state", ("service", service));

    /// <summary>Breakers as they are by default, and little patience; each test has a service to itself.</summary>
    public sealed class Fixture : GatewayFixture
    {
        internal RawUpstream Exams { get; } = RawUpstream.Start(AnswerAsync);

        internal RawUpstream Gamification { get; } = RawUpstream.Start(AnswerAsync);

        internal RawUpstream Notification { get; } = RawUpstream.Start(AnswerAsync);

        internal RawUpstream Auth { get; } = RawUpstream.Start(AnswerAsync);

        public override async ValueTask DisposeAsync()
        {
            await base.DisposeAsync();
            foreach (var upstream in (RawUpstream[])[Exams, Gamification, Notification, Auth])
                await upstream.DisposeAsync();
        }

        protected override Task ConfigureAsync(IDictionary<string, string?> settings)
        {
            // All that a new service needs.
            settings["ReverseProxy:Clusters:exams:Destinations:exams:Address"] = Exams.Address;
            settings["ReverseProxy:Routes:exams:ClusterId"] = "exams";
            settings["ReverseProxy:Routes:exams:AuthorizationPolicy"] = "token-if-any";
            settings["ReverseProxy:Routes:exams:Match:Path"] = "/api/v1/exams/{**rest}";
            settings["services:gamification:http:0"] = Gamification.Address;
            settings["services:notification:http:0"] = Notification.Address;
            settings["services:auth:http:0"] = Auth.Address;
            settings["Upstreams:Timeout"] = "00:00:00.500";
            return Task.CompletedTask;
        }

        private static async Task<bool> AnswerAsync(string path, Stream stream, CancellationToken ended)
        {
            switch (path.Split('/')[^1])
            {
                case "hang":
                    await SlowPeer.HangAsync(ended);
                    return false;
                case "own-500":
                    return await RawUpstream.WriteAsync(stream, "{\"own\":1}", "500 Internal Server Error");
                case "own-503":
                    return await RawUpstream.WriteAsync(stream, "{\"own\":1}", "503 Service Unavailable");
                case "own-404":
                    return await RawUpstream.WriteAsync(stream, "{\"own\":1}", "404 Not Found");
                case "stand-in":
                    await stream.WriteAsync("HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain\r\nX-Stand-In: 1\r\nContent-Length: 19\r\n\r\nno healthy upstream"u8.ToArray(), ended);
                    return true;
                default:
                    return await RawUpstream.WriteAsync(stream, "{}");
            }
        }
    }
}
