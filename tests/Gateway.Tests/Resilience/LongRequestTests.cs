using System.Net;
using TalentSphere.TestKit;

namespace TalentSphere.Gateway.Tests.Resilience;

/// <summary>What lives long decides about nobody else.</summary>
public sealed class LongRequestTests(LongRequestTests.Fixture gateway) : IClassFixture<LongRequestTests.Fixture>
{
    [Fact]
    public async Task A_stream_that_comes_after_a_break_is_not_what_the_others_wait_for()
    {
        for (var i = 0; i < 5; i++)
            (await gateway.Anonymous().AskAsync("/api/v1/gamification/hang")).Status.ShouldBe(HttpStatusCode.GatewayTimeout);
        using var client = gateway.Anonymous();
        (await client.GetAsync("/api/v1/live/stream", HttpCompletionOption.ResponseHeadersRead)).StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        HttpResponseMessage? open = null;
        await Eventually.SeesAsync(
            async () => (open = await client.GetAsync("/api/v1/live/stream", HttpCompletionOption.ResponseHeadersRead)).StatusCode, s => s == HttpStatusCode.OK, "the break to be over");
        using (open)
        {
            // It goes on, and closes nothing by itself.
            State().ShouldNotBe(0);
            (await gateway.Anonymous().AskAsync("/api/v1/gamification/me")).Status.ShouldBe(HttpStatusCode.OK);
            // The answer is there before what it says of the service is counted.
            await Eventually.TrueAsync(() => State() == 0, "the breaker to close");
        }
    }

    private double State() => InstrumentReader.Read(gateway.Services, "gateway_breaker_state", ("service", "gamification"));

    /// <summary>A service with a stream, whose breaks are short.</summary>
    public sealed class Fixture : GatewayFixture
    {
        private readonly RawUpstream _gamification = RawUpstream.Start(AnswerAsync);

        public override async ValueTask DisposeAsync()
        {
            await base.DisposeAsync();
            await _gamification.DisposeAsync();
        }

        protected override Task ConfigureAsync(IDictionary<string, string?> settings)
        {
            settings["services:gamification:http:0"] = _gamification.Address;
            settings["ReverseProxy:Routes:live:ClusterId"] = "gamification";
            settings["ReverseProxy:Routes:live:AuthorizationPolicy"] = "token-if-any";
            settings["ReverseProxy:Routes:live:Match:Path"] = "/api/v1/live/{**rest}";
            settings["ReverseProxy:Routes:live:Metadata:Stream"] = "true";
            settings["Upstreams:Timeout"] = "00:00:00.500";
            settings["Upstreams:Breaker:BreakDuration"] = "00:00:03";
            return Task.CompletedTask;
        }

        private static async Task<bool> AnswerAsync(string path, Stream stream, CancellationToken ended)
        {
            switch (path.Split('/')[^1])
            {
                case "hang":
                    await SlowPeer.HangAsync(ended);
                    return false;
                case "stream":
                    await stream.WriteAsync("HTTP/1.1 200 OK\r\nx-correlation-id: raw\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n"u8.ToArray(), ended);
                    await SlowPeer.HangAsync(ended);
                    return false;
                default:
                    return await RawUpstream.WriteAsync(stream, "{}");
            }
        }
    }
}
