using System.Net;
using System.Net.Http.Headers;
using System.Net.WebSockets;
using System.Text;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using TalentSphere.Gateway.Edge.Resilience;
using TalentSphere.Gateway.Tests.Raw;
using TalentSphere.ServiceDefaults.Auth;
using TalentSphere.TestKit;

namespace TalentSphere.Gateway.Tests.Connections;

/// <summary>WebSockets and server-sent events through the gateway, over either version of HTTP.</summary>
public sealed class LiveTrafficTests(GuardedGatewayFixture gateway)
{
    private readonly Guid _user = Guid.CreateVersion7();

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task A_web_socket_passes_over_either_version(string version)
    {
        using var socket = await ConnectAsync(version, TestTokens.Mint(_user, "jobseeker"));
        (await EchoAsync(socket, "hello")).ShouldBe("hello");
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, TestContext.Current.CancellationToken);
        socket.CloseStatusDescription.ShouldBe("bye");
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task A_revoked_token_closes_its_web_socket(string version)
    {
        using var socket = await ConnectAsync(version, TestTokens.Mint(_user, "jobseeker"));
        using var other = await ConnectAsync(version, TestTokens.Mint(Guid.CreateVersion7(), "jobseeker"));
        await EchoAsync(socket, "hello");
        var ended = socket.ReceiveAsync(new byte[16], CancellationToken.None);
        Revoke();
        var end = await Should.ThrowAsync<Exception>(() => ended.WaitAsync(TimeSpan.FromSeconds(10)));
        end.ShouldBeOfType<WebSocketException>();
        (await EchoAsync(other, "still here")).ShouldBe("still here");
    }

    [Fact]
    public async Task An_event_passes_as_soon_as_it_is_sent()
    {
        using var events = await ListenAsync();
        (await events.ReadLineAsync(TestContext.Current.CancellationToken)).ShouldBe("data: first");
        // The second one is not sent before this: nothing waited for it.
        gateway.Jobs.Go();
        await events.ReadLineAsync(TestContext.Current.CancellationToken);
        (await events.ReadLineAsync(TestContext.Current.CancellationToken)).ShouldBe("data: second");
    }

    [Fact]
    public async Task A_revoked_token_ends_its_events()
    {
        using var events = await ListenAsync();
        (await events.ReadLineAsync(TestContext.Current.CancellationToken)).ShouldBe("data: first");
        Revoke();
        await Should.ThrowAsync<IOException>(() => events.ReadToEndAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(4)));
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task No_more_web_sockets_are_opened_than_are_allowed(string version)
    {
        var token = TestTokens.Mint(_user, "jobseeker");
        var open = new List<ClientWebSocket>();
        try
        {
            for (var i = 0; i < GuardedGatewayFixture.WebSockets; i++)
            {
                // Those of the test before may still be on their way out.
                open.Add(await Eventually.SeesAsync(() => TryConnectAsync(version, token), s => s is not null, "room for a socket") ?? throw new InvalidOperationException());
            }
            var refused = await Should.ThrowAsync<WebSocketException>(() => ConnectAsync(version, token));
            refused.ToString().ShouldContain("503");
            (await EchoAsync(open[0], "still here")).ShouldBe("still here");
            open[0].Abort();
            open.Add(await Eventually.SeesAsync(() => TryConnectAsync(version, token), s => s is not null, "room again") ?? throw new InvalidOperationException());
        }
        finally
        {
            open.ForEach(s => s.Dispose());
        }
    }

    [Fact]
    public void Routes_of_live_traffic_outwait_two_keep_alives()
    {
        // SignalR sends one every 15 s from each side.
        var clusters = gateway.Services.GetRequiredService<IConfiguration>().GetSection("ReverseProxy:Clusters").GetChildren().Where(c => c.Key.EndsWith("-hub", StringComparison.Ordinal)).ToList();
        clusters.Count.ShouldBeGreaterThanOrEqualTo(2);
        clusters.ShouldAllBe(c => c.GetValue<TimeSpan>("HttpRequest:ActivityTimeout") > TimeSpan.FromSeconds(30));
        // And nothing ends one that is alive.
        var hubs = gateway.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(e => e.RoutePattern.RawText?.StartsWith("/hubs/", StringComparison.Ordinal) == true).Select(e => e.Metadata.GetRequiredMetadata<UpstreamRoute>()).ToList();
        hubs.Count.ShouldBeGreaterThanOrEqualTo(2);
        hubs.ShouldAllBe(h => h.Limit == null && h.IsLong);
    }

    private void Revoke() => gateway.Services.GetRequiredService<Revocations>().Learn([new(_user, null, null, DateTime.UtcNow.AddMinutes(20))]);

    private async Task<StreamReader> ListenAsync()
    {
        var client = new HttpClient(gateway.Trusting()) { BaseAddress = gateway.Https, DefaultRequestVersion = HttpVersion.Version20, DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", TestTokens.Mint(_user, "jobseeker"));
        client.DefaultRequestHeaders.Accept.ParseAdd("text/event-stream");
        client.DefaultRequestHeaders.AcceptEncoding.ParseAdd("gzip, br");
        var answer = await client.GetAsync($"/api/v1/jobs/{_user}/events", HttpCompletionOption.ResponseHeadersRead);
        answer.Content.Headers.ContentType!.MediaType.ShouldBe("text/event-stream");
        answer.Content.Headers.ContentEncoding.ShouldBeEmpty();
        return new(await answer.Content.ReadAsStreamAsync());
    }

    private async Task<ClientWebSocket?> TryConnectAsync(string version, string token)
    {
        try
        {
            return await ConnectAsync(version, token);
        }
        catch (WebSocketException)
        {
            return null;
        }
    }

    private async Task<ClientWebSocket> ConnectAsync(string version, string token)
    {
        var socket = new ClientWebSocket();
        socket.Options.HttpVersion = Version.Parse(version);
        socket.Options.HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact;
        try
        {
            var address = new UriBuilder(gateway.Https) { Scheme = "wss", Path = "/hubs/notifications", Query = "access_token=" + token };
            await socket.ConnectAsync(address.Uri, new HttpMessageInvoker(gateway.Trusting()), TestContext.Current.CancellationToken);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static async Task<string> EchoAsync(ClientWebSocket socket, string text)
    {
        await socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, endOfMessage: true, TestContext.Current.CancellationToken);
        var buffer = new byte[1024];
        var heard = await socket.ReceiveAsync(buffer, TestContext.Current.CancellationToken);
        return Encoding.UTF8.GetString(buffer, 0, heard.Count);
    }
}
