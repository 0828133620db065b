using System.Diagnostics;
using System.Net;
using System.Text;
using TalentSphere.TestKit;

namespace TalentSphere.Gateway.Tests.Resilience;

/// <summary>Upstreams that speak no HTTP, stop half-way, or never stop: each ends in bounded time and memory, and the client hears what happened.</summary>
public sealed class RudeUpstreamTests(RudeUpstreamTests.Fixture gateway) : IClassFixture<RudeUpstreamTests.Fixture>
{
    private static readonly TimeSpan _bound = TimeSpan.FromSeconds(8);

    [Theory]
    [InlineData("garbage", 502, "UPSTREAM_INVALID_ANSWER")]
    [InlineData("endless-garbage", 502, "UPSTREAM_INVALID_ANSWER")]
    [InlineData("endless-header", 502, "UPSTREAM_INVALID_ANSWER")]
    [InlineData("endless-headers", 502, "UPSTREAM_INVALID_ANSWER")]
    [InlineData("garbage-chunk", 502, "UPSTREAM_INVALID_ANSWER")]
    [InlineData("half-status-line", 503, "UPSTREAM_UNAVAILABLE")]
    [InlineData("half-headers", 503, "UPSTREAM_UNAVAILABLE")]
    [InlineData("nothing", 503, "UPSTREAM_UNAVAILABLE")]
    [InlineData("no-body", 503, "UPSTREAM_UNAVAILABLE")]
    [InlineData("hang", 504, "UPSTREAM_TIMEOUT")]
    [InlineData("hang-after-headers", 504, "UPSTREAM_TIMEOUT")]
    [InlineData("trickle-headers", 504, "UPSTREAM_TIMEOUT")]
    [InlineData("continue-for-ever", 504, "UPSTREAM_TIMEOUT")]
    public async Task A_clear_answer_comes_in_time(string manner, int status, string code)
    {
        var watch = Stopwatch.StartNew();
        var answer = await gateway.Anonymous().AskAsync("/api/v1/jobs/" + manner);
        ((int)answer.Status, answer.Code).ShouldBe((status, code), answer.Body);
        (answer.Headers.RetryAfter is not null).ShouldBe(status == 503);
        answer.Body.ShouldNotContain("127.0.0.1");
        watch.Elapsed.ShouldBeLessThan(_bound);
    }

    [Theory]
    [InlineData("short-body")]
    [InlineData("hang-mid-body")]
    [InlineData("trickle-body")]
    [InlineData("garbage-later-chunk")]
    public async Task An_answer_that_is_under_way_is_cut_off_and_does_not_look_complete(string manner)
    {
        var watch = Stopwatch.StartNew();
        var cut = await Should.ThrowAsync<HttpRequestException>(() => gateway.Anonymous().AskAsync("/api/v1/jobs/" + manner));
        cut.InnerException.ShouldBeAssignableTo<IOException>();
        watch.Elapsed.ShouldBeLessThan(_bound);
    }

    [Fact]
    public async Task An_answer_without_an_end_is_cut_off_and_takes_no_memory()
    {
        using var response = await gateway.Anonymous().GetAsync("/api/v1/jobs/endless-body", HttpCompletionOption.ResponseHeadersRead);
        await using var body = await response.Content.ReadAsStreamAsync();
        var (buffer, total, most) = (new byte[64 * 1024], 0L, 0L);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var watch = Stopwatch.StartNew();
        await Should.ThrowAsync<IOException>(async () =>
        {
            while (true)
            {
                var read = await body.ReadAsync(buffer);
                read.ShouldBeGreaterThan(0, "it has no end");
                // Every so often what is really held, not what waits to be collected.
                if ((total + read) / 10_000_000 > total / 10_000_000)
                    most = Math.Max(most, GC.GetTotalMemory(forceFullCollection: true));
                total += read;
            }
        });
        watch.Elapsed.ShouldBeLessThan(_bound);
        total.ShouldBeGreaterThan(10_000_000);
        most.ShouldBeLessThan(before + 30_000_000);
    }

    [Fact]
    public async Task Who_does_not_read_an_answer_without_an_end_does_not_fill_the_gateway_either()
    {
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var (sent, ended) = (gateway.Sent, gateway.Ended);
        var stalled = new List<HttpResponseMessage>();
        for (var i = 0; i < 10; i++)
            stalled.Add(await gateway.Anonymous().GetAsync("/api/v1/jobs/endless-body", HttpCompletionOption.ResponseHeadersRead));
        await Eventually.TrueAsync(() => gateway.Ended >= ended + stalled.Count, "the gateway to hang up on the upstream", _bound);
        GC.GetTotalMemory(forceFullCollection: true).ShouldBeLessThan(before + 30_000_000);
        (gateway.Sent - sent).ShouldBeLessThan(stalled.Count * 20_000_000L);
        stalled.ForEach(r => r.Dispose());
    }

    [Fact]
    public async Task A_client_that_does_not_send_the_rest_of_an_upload_is_408_and_no_fault_of_the_service()
    {
        using var client = new System.Net.Sockets.TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, gateway.Address.Port);
        await using var stream = client.GetStream();
        await stream.WriteAsync("POST /api/v1/challenges/import HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"u8.ToArray());
        var (buffer, answer) = (new byte[4096], "");
        while (!answer.Contains("\"meta\"", StringComparison.Ordinal))
        {
            var read = await stream.ReadAsync(buffer).AsTask().WaitAsync(_bound);
            read.ShouldBeGreaterThan(0, answer);
            answer += Encoding.UTF8.GetString(buffer, 0, read);
        }
        answer.ShouldStartWith("HTTP/1.1 408 ");
        answer.ShouldContain("REQUEST_TIMEOUT");
    }

    /// <summary>A gateway with little patience before one rude service.</summary>
    public sealed class Fixture : GatewayFixture
    {
        private RawUpstream? _rude;
        private long _sent;
        private int _ended;

        /// <summary>Bytes of answers without an end.</summary>
        public long Sent => Interlocked.Read(ref _sent);

        /// <summary>How many of them were cut off.</summary>
        public int Ended => Volatile.Read(ref _ended);

        public override async ValueTask DisposeAsync()
        {
            await base.DisposeAsync();
            await _rude!.DisposeAsync();
        }

        protected override Task ConfigureAsync(IDictionary<string, string?> settings)
        {
            _rude = RawUpstream.Start(AnswerAsync);
            settings["services:jobs:http:0"] = _rude.Address;
            settings["services:challenges:http:0"] = _rude.Address;
            settings["Upstreams:Timeout"] = "00:00:00.700";
            settings["Upstreams:TotalTimeout"] = "00:00:01.500";
            // What is looked at is each answer.
            settings["Upstreams:Breaker:ConsecutiveFailures"] = "1000";
            settings["Upstreams:Breaker:MinimumRequests"] = "1000";
            return Task.CompletedTask;
        }

        private async Task<bool> AnswerAsync(string path, Stream stream, CancellationToken ended)
        {
            Task SayAsync(string text) => stream.WriteAsync(Encoding.ASCII.GetBytes(text), ended).AsTask();
            Task HangAsync() => SlowPeer.HangAsync(ended);
            const string ok = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";
            switch (path.Split('/')[^1])
            {
                case "garbage":
                    await SayAsync("220 smtp.example ESMTP\r\n\r\n");
                    return false;
                case "endless-garbage":
                    return await EndlesslyAsync(stream, new string('\u0001', 8192), ended);
                case "endless-header":
                    await SayAsync(ok + "X-Long: ");
                    return await EndlesslyAsync(stream, new string('a', 8192), ended);
                case "endless-headers":
                    await SayAsync(ok);
                    return await EndlesslyAsync(stream, string.Concat(Enumerable.Repeat("X-Many: header\r\n", 500)), ended);
                case "half-status-line":
                    await SayAsync("HTTP/1.1 20");
                    return false;
                case "half-headers":
                    await SayAsync(ok + "X-Half: ");
                    return false;
                case "garbage-chunk":
                    await SayAsync(ok + "Transfer-Encoding: chunked\r\n\r\nnonsense\r\n");
                    await HangAsync();
                    return false;
                case "garbage-later-chunk":
                    await SayAsync(ok + "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n");
                    await SlowPeer.DawdleAsync(50, ended);
                    await SayAsync("nonsense\r\n");
                    await HangAsync();
                    return false;
                case "no-body":
                    await SayAsync(ok + "Content-Length: 100\r\n\r\n");
                    return false;
                case "short-body":
                    await SayAsync(ok + "Content-Length: 100\r\n\r\n{}");
                    return false;
                case "hang":
                    await HangAsync();
                    return false;
                case "hang-after-headers":
                    await SayAsync(ok + "Content-Length: 100\r\n\r\n");
                    await HangAsync();
                    return false;
                case "hang-mid-body":
                    await SayAsync(ok + "Content-Length: 100\r\n\r\n{}");
                    await HangAsync();
                    return false;
                case "trickle-headers":
                    await SayAsync(ok);
                    return await TrickleAsync(stream, "X-Many: header\r\n", ended);
                case "continue-for-ever":
                    return await TrickleAsync(stream, "HTTP/1.1 103 Early Hints\r\n\r\n", ended);
                case "trickle-body":
                    await SayAsync(ok + "Content-Length: 100000\r\n\r\n");
                    return await TrickleAsync(stream, "x", ended);
                case "endless-body":
                    await SayAsync(ok + "Connection: close\r\n\r\n");
                    return await EndlesslyAsync(stream, new string('a', 64 * 1024), ended);
                case "import":
                    await HangAsync();
                    return false;
                default:
                    return false;
            }
        }

        private async Task<bool> EndlesslyAsync(Stream stream, string text, CancellationToken ended)
        {
            var bytes = Encoding.ASCII.GetBytes(text);
            try
            {
                while (true)
                {
                    await stream.WriteAsync(bytes, ended);
                    Interlocked.Add(ref _sent, bytes.Length);
                }
            }
            finally
            {
                Interlocked.Increment(ref _ended);
            }
        }

        private static async Task<bool> TrickleAsync(Stream stream, string text, CancellationToken ended)
        {
            while (true)
            {
                await stream.WriteAsync(Encoding.ASCII.GetBytes(text), ended);
                await SlowPeer.DawdleAsync(50, ended);
            }
        }
    }
}
