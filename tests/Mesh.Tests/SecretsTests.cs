using System.Net;
using System.Net.WebSockets;
using TalentSphere.TestKit;

namespace TalentSphere.Mesh.Tests;

/// <summary>No password and no token is written down anywhere.</summary>
public sealed class SecretsTests(MeshFixture mesh)
{
    [Fact]
    public async Task No_log_of_the_mesh_holds_a_password_or_a_token()
    {
        var account = await mesh.RegisterAsync("jobseeker");
        using var anonymous = mesh.Anonymous();

        // In every way in which one can be got wrong.
        var wrong = mesh.Keep("wrong-but-not-to-be-logged-4711", "a wrong password");
        (await anonymous.PostAsync("/api/v1/auth/login", new { email = account.Email, password = wrong })).Status.ShouldBe(HttpStatusCode.Unauthorized);
        var mistyped = mesh.Keep("typed-into-the-wrong-field-4712", "a password in the wrong field");
        (await anonymous.PostAsync("/api/v1/auth/login", new { email = mistyped, password = (string?)null })).Body.ShouldNotContain(mistyped);
        var broken = mesh.Keep("in-broken-json-4713", "a password in broken JSON");
        (await anonymous.PostTextAsync("/api/v1/auth/login", $$"""{"email":"a@b.example","password":"{{broken}}""")).Body.ShouldNotContain(broken);
        var huge = mesh.Keep("in-a-huge-request-4714", "a password in a huge request");
        var tooLarge = await anonymous.PostTextAsync("/api/v1/auth/register", $$"""{"password":"{{huge}}","name":"{{new string('x', 1_100_000)}}"}""");
        tooLarge.Status.ShouldBe(HttpStatusCode.RequestEntityTooLarge, tooLarge.Body);
        tooLarge.Body.ShouldNotContain(huge);
        var unknown = mesh.Keep("unknown-refresh-token-4715-unknown-refresh-token", "an unknown refresh token");
        (await anonymous.PostAsync("/api/v1/auth/refresh", new { refreshToken = unknown })).Body.ShouldNotContain(unknown);

        // And in every way in which it is right.
        var refreshed = await anonymous.PostAsync("/api/v1/auth/refresh", new { refreshToken = account.RefreshToken });
        refreshed.Status.ShouldBe(HttpStatusCode.OK, refreshed.Body);
        mesh.Keep(refreshed.Data["accessToken"]!.GetValue<string>(), "a refreshed access token");
        mesh.Keep(refreshed.Data["refreshToken"]!.GetValue<string>(), "a refreshed refresh token");
        await OpenHubAsync(account.Token);
        using var signedIn = mesh.WithToken(account.Token);
        (await signedIn.AskAsync("/api/v1/auth/verify")).Body.ShouldNotContain(account.Token);
        (await signedIn.AskAsync("/api/v1/auth/sessions")).Body.ShouldNotContain(account.RefreshToken);
        var ended = await signedIn.PostAsync("/api/v1/auth/logout", new { refreshToken = refreshed.Data["refreshToken"]!.GetValue<string>() });
        ended.Status.ShouldBe(HttpStatusCode.NoContent);

        // The last line is there: so are all before it.
        var last = "last-" + Guid.CreateVersion7().ToString("N");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/auth/logout") { Headers = { { "x-correlation-id", last } } };
        await anonymous.ReadAsync(request);
        await Eventually.TrueAsync(
            () => mesh.Command.ReadLogs().Count(l => l.Text.Contains(last, StringComparison.Ordinal)) >= 2, "the last request in the logs of gateway and auth");
        mesh.FindLeaks().ShouldBeEmpty();
    }

    /// <summary>As a browser does, which can set no header: with the token in the address.</summary>
    private async Task OpenHubAsync(string token)
    {
        using var socket = new ClientWebSocket();
        var address = new UriBuilder(mesh.Gateway) { Scheme = "ws", Path = "/hubs/notifications", Query = "access_token=" + token };
        await socket.ConnectAsync(address.Uri, TestContext.Current.CancellationToken);
        socket.State.ShouldBe(WebSocketState.Open);
        socket.Abort();
    }
}
