using System.Diagnostics;
using System.Net;
using System.Net.WebSockets;
using System.Text;
using TalentSphere.TestKit;

namespace TalentSphere.Gateway.Tests;

/// <summary>Services that are away, slow or rude, and what is not HTTP.</summary>
public sealed class UpstreamTests(GatewayFixture gateway)
{
    [Fact]
    public async Task A_service_that_is_away_is_503_with_a_time_to_come_back_and_the_others_go_on()
    {
        var answer = await gateway.Anonymous().AskAsync("/api/v1/challenges");
        answer.Status.ShouldBe(HttpStatusCode.ServiceUnavailable);
        answer.Code.ShouldBe("UPSTREAM_UNAVAILABLE");
        // A pause, or what is left of the break.
        answer.Headers.RetryAfter!.Delta!.Value.ShouldBeInRange(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(30));
        answer.Body.ShouldNotContain("127.0.0.1");
        (await gateway.Anonymous().AskAsync("/api/v1/jobs")).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("POST")]
    public async Task A_service_that_hangs_up_is_503(string method)
    {
        var request = new HttpRequestMessage(new HttpMethod(method), "/api/v1/jobs/hang-up");
        if (method == "POST")
            request.Content = new StringContent("{}", Encoding.UTF8, "application/json");
        var answer = await gateway.Anonymous().ReadAsync(request);
        answer.Status.ShouldBe(HttpStatusCode.ServiceUnavailable);
        answer.Headers.RetryAfter.ShouldNotBeNull();
    }

    [Fact]
    public async Task A_slow_service_is_504_when_its_time_is_up()
    {
        var watch = Stopwatch.StartNew();
        var answer = await gateway.Anonymous().AskAsync("/api/v1/courses/slow");
        answer.Status.ShouldBe(HttpStatusCode.GatewayTimeout);
        answer.Code.ShouldBe("UPSTREAM_TIMEOUT");
        watch.Elapsed.ShouldBeGreaterThan(TimeSpan.FromSeconds(0.9));
        watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task What_a_service_says_of_itself_passes()
    {
        var answer = await gateway.Anonymous().AskAsync("/api/v1/jobs/own-503");
        answer.Status.ShouldBe(HttpStatusCode.ServiceUnavailable);
        answer.Code.ShouldBe("DEPENDENCY_UNAVAILABLE");
        answer.Headers.RetryAfter!.Delta.ShouldBe(TimeSpan.FromSeconds(7));
    }

    [Fact]
    public async Task Failures_are_problem_details_for_whoever_asks_for_them()
    {
        var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/challenges") { Headers = { { "Accept", "application/problem+json" } } };
        using var response = await gateway.Anonymous().SendAsync(request);
        response.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");
    }

    [Fact]
    public async Task A_web_socket_passes_in_both_directions()
    {
        using var socket = await ConnectAsync(TestTokens.Mint(Guid.CreateVersion7(), "jobseeker"));
        foreach (var text in (string[])["hello", "ü", new string('x', 5000)])
        {
            await socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, true, TestContext.Current.CancellationToken);
            (await ReadAsync(socket)).ShouldBe(text);
        }
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, TestContext.Current.CancellationToken);
        socket.CloseStatusDescription.ShouldBe("bye");
    }

    [Fact]
    public async Task A_web_socket_with_a_bad_token_in_its_address_is_refused()
    {
        var expired = TestTokens.Mint(Guid.CreateVersion7(), ["jobseeker"], TimeSpan.FromMinutes(-10));
        var refused = await Should.ThrowAsync<WebSocketException>(() => ConnectAsync(expired));
        refused.Message.ShouldContain("401");
    }

    [Fact]
    public async Task A_token_in_an_address_is_not_logged()
    {
        var token = TestTokens.Mint(Guid.CreateVersion7(), "jobseeker");
        using (var socket = await ConnectAsync(token))
            await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, TestContext.Current.CancellationToken);
        (await gateway.Anonymous().AskAsync("/hubs/notifications?access_token=" + token)).Status.ShouldBe(HttpStatusCode.UpgradeRequired);
        await Eventually.TrueAsync(() => gateway.Log.Any(l => l.Contains("/hubs/notifications", StringComparison.Ordinal)), "the gateway to log the request");
        gateway.Log.Where(l => l.Contains(token, StringComparison.Ordinal)).ShouldBeEmpty();
    }

    private async Task<ClientWebSocket> ConnectAsync(string token)
    {
        var socket = new ClientWebSocket();
        try
        {
            var address = new UriBuilder(gateway.Address) { Scheme = "ws", Path = "/hubs/notifications", Query = "access_token=" + token };
            await socket.ConnectAsync(address.Uri, TestContext.Current.CancellationToken);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static async Task<string> ReadAsync(ClientWebSocket socket)
    {
        var (buffer, length) = (new byte[16 * 1024], 0);
        while (true)
        {
            var part = await socket.ReceiveAsync(buffer.AsMemory(length), TestContext.Current.CancellationToken);
            length += part.Count;
            if (part.EndOfMessage)
                return Encoding.UTF8.GetString(buffer, 0, length);
        }
    }
}
