using System.Diagnostics;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using TalentSphere.Gateway.Edge.Connections;
using TalentSphere.Gateway.Tests.Raw;
using TalentSphere.TestKit;

namespace TalentSphere.Gateway.Tests.Connections;

/// <summary>How much a client may send, and how slowly.</summary>
public sealed class ConnectionLimitTests(GuardedGatewayFixture gateway)
{
    private static readonly TimeSpan _soon = TimeSpan.FromSeconds(8);

    [Fact]
    public async Task A_line_of_more_than_8_KB_is_414() => (await GetAsync("/api/v1/jobs?q=" + new string('a', 8 * 1024))).Statuses.ShouldBe([414]);

    [Fact]
    public async Task A_line_of_nearly_8_KB_passes() => (await GetAsync("/api/v1/jobs?q=" + new string('a', 8000))).Statuses.ShouldBe([200]);

    [Fact]
    public async Task Headers_of_more_than_32_KB_are_431() =>
        (await GetAsync("/api/v1/jobs", string.Concat(Enumerable.Range(0, 9).Select(i => $"X-{i}: {new string('a', 4000)}\r\n")))).Statuses.ShouldBe([431]);

    [Fact]
    public async Task More_than_100_headers_are_431() =>
        (await GetAsync("/api/v1/jobs", string.Concat(Enumerable.Range(0, 100).Select(i => $"X-{i}: a\r\n")))).Statuses.ShouldBe([431]);

    [Fact]
    public async Task A_body_that_says_it_is_too_long_is_413_before_it_is_sent()
    {
        var answers = await GetAsync("/api/v1/jobs", "Content-Length: 1048577\r\nExpect: 100-continue\r\n");
        answers.Statuses.ShouldBe([413], answers.Text);
        answers.Text.ShouldContain("PAYLOAD_TOO_LARGE");
        answers.Text.ShouldNotContain("100 Continue");
    }

    [Fact]
    public async Task What_the_server_refuses_by_itself_says_nothing_of_it_and_ends_the_connection()
    {
        foreach (var broken in (string[])["GET\r\n\r\n", "GET / HTTP/1.1\r\n\r\n", $"GET /{new string('a', 9000)} HTTP/1.1\r\n\r\n"])
        {
            // Such an answer is written below everything that could add a header to it: it has no body that a browser could misread, and no banner.
            var text = (await RawHttp.ExchangeAsync(gateway.Http, broken)).Text;
            text.ShouldStartWith("HTTP/1.1 4");
            text.ShouldContain("Content-Length: 0\r\n");
            text.ShouldContain("Connection: close\r\n");
            text.ShouldEndWith("\r\n\r\n");
            text.Split("\r\n").Select(l => l.Split(':')[0]).Where(n => n.Length > 0 && !n.StartsWith("HTTP/", StringComparison.Ordinal)).Order().ShouldBe(["Connection", "Content-Length", "Date"]);
        }
    }

    [Fact]
    public async Task Who_dribbles_headers_is_cut_off()
    {
        await using var connection = await RawHttp.ConnectAsync(gateway.Http);
        var watch = Stopwatch.StartNew();
        await connection.SendAsync($"GET /api/v1/jobs HTTP/1.1\r\nHost: {gateway.Http.Authority}\r\n");
        var ended = connection.ReadToEndAsync();
        while (!ended.IsCompleted && watch.Elapsed < _soon)
        {
            await connection.SendAsync("X");
            await Task.WhenAny(ended, SlowPeer.DawdleAsync(100));
        }
        (await ended).Statuses.ShouldBe([408]);
        watch.Elapsed.ShouldBeLessThan(_soon);
    }

    [Fact]
    public async Task Who_stops_in_the_middle_of_a_body_is_told_408_and_no_service_heard_of_it()
    {
        var (path, answers, elapsed) = await StallAsync(sent: 1000);
        answers.Statuses.ShouldBe([408], answers.Text);
        answers.Text.ShouldContain("REQUEST_TIMEOUT");
        answers.Text.ShouldContain("X-Frame-Options: DENY");
        elapsed.ShouldBeLessThan(_soon);
        gateway.Jobs.RequestsWith(path).ShouldBeEmpty();
    }

    [Fact]
    public async Task Who_stops_in_the_middle_of_a_long_body_frees_the_service_too()
    {
        var (path, answers, elapsed) = await StallAsync(sent: 100_000);
        answers.Statuses.ShouldBe([408], answers.Text);
        elapsed.ShouldBeLessThan(_soon);
        gateway.Jobs.RequestsWith(path).ShouldHaveSingleItem().Body.ShouldBeNull();
    }

    [Fact]
    public async Task Who_does_not_read_is_cut_off_and_the_service_is_free()
    {
        await using var connection = await RawHttp.ConnectAsync(gateway.Http, receiveBuffer: 4096);
        await connection.SendAsync($"GET /api/v1/jobs/flood HTTP/1.1\r\nHost: {gateway.Http.Authority}\r\n\r\n");
        await Eventually.TrueAsync(() => gateway.Jobs.Floods == 1, "the service to write");
        var watch = Stopwatch.StartNew();
        await Eventually.TrueAsync(() => gateway.Jobs.Floods == 0, "the service to be free");
        watch.Elapsed.ShouldBeLessThan(_soon);
    }

    [Fact]
    public async Task A_connection_that_rests_is_closed()
    {
        await using var connection = await RawHttp.ConnectAsync(gateway.Http);
        await connection.SendAsync($"GET /api/v1/jobs/1 HTTP/1.1\r\nHost: {gateway.Http.Authority}\r\n\r\n");
        var watch = Stopwatch.StartNew();
        (await connection.ReadToEndAsync()).Statuses.ShouldBe([200]);
        watch.Elapsed.ShouldBeInRange(TimeSpan.FromSeconds(1), _soon);
    }

    [Fact]
    public void The_server_takes_what_is_configured()
    {
        var limits = gateway.Services.GetRequiredService<IOptions<KestrelServerOptions>>().Value.Limits;
        var configured = gateway.Services.GetRequiredService<IOptions<ConnectionLimits>>().Value;
        limits.MaxConcurrentConnections.ShouldBe(configured.Count);
        limits.MaxConcurrentUpgradedConnections.ShouldBe(GuardedGatewayFixture.WebSockets);
        limits.Http2.MaxStreamsPerConnection.ShouldBe(configured.StreamsPerConnection);
        limits.KeepAliveTimeout.ShouldBe(TimeSpan.FromSeconds(2));
    }

    [Theory]
    [InlineData("HeaderBytes", "12")]
    [InlineData("HeaderTimeout", "00:00:00")]
    [InlineData("Grace", "00:00:01")]
    [InlineData("WebSockets", "0")]
    [InlineData("BytesPerSecond", "-1")]
    [InlineData("BodyBytes", "0")]
    public void Limits_out_of_all_bounds_are_refused(string name, string value)
    {
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection([new($"{ConnectionLimits.Section}:{name}", value)]).Build());
        services.AddConnectionLimits();
        using var provider = services.BuildServiceProvider();
        Should.Throw<OptionsValidationException>(() => provider.GetRequiredService<IOptions<ConnectionLimits>>().Value).Message.ShouldContain(name);
    }

    private async Task<(string Path, RawHttp.RawAnswers Answers, TimeSpan Elapsed)> StallAsync(int sent)
    {
        var path = "/api/v1/jobs/" + Guid.CreateVersion7().ToString("N");
        await using var connection = await RawHttp.ConnectAsync(gateway.Http);
        var watch = Stopwatch.StartNew();
        await connection.SendAsync($"POST {path} HTTP/1.1\r\nHost: {gateway.Http.Authority}\r\nContent-Type: application/json\r\nContent-Length: 500000\r\n\r\n{new string('a', sent)}");
        var answers = await connection.ReadToEndAsync();
        return (path, answers, watch.Elapsed);
    }

    private Task<RawHttp.RawAnswers> GetAsync(string target, string headers = "") =>
        RawHttp.ExchangeAsync(gateway.Http, $"GET {target} HTTP/1.1\r\nHost: {gateway.Http.Authority}\r\nConnection: close\r\n{headers}\r\n");
}
