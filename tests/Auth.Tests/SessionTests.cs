using System.Text.Json.Nodes;
using TalentSphere.Contracts.Auth;
using TalentSphere.TestKit;

namespace TalentSphere.Auth.Tests;

public sealed class SessionTests(AuthFixture auth)
{
    [Fact]
    public async Task Twenty_refreshes_of_one_token_at_once_give_one_successor()
    {
        var person = await auth.RegisterAsync();
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => auth.RefreshAsync(person.RefreshToken)));

        answers.ShouldAllBe(a => a.Status == HttpStatusCode.OK);
        var successor = answers.Select(a => a.Data["refreshToken"]!.GetValue<string>()).Distinct().ShouldHaveSingleItem();
        successor.ShouldNotBe(person.RefreshToken);
        var access = answers.Select(a => a.Data["accessToken"]!.GetValue<string>()).ToList();
        foreach (var token in access.Take(3))
            (await auth.Bearer(token).AskAsync("/api/v1/auth/me")).Id.ShouldBe(person.Id);
        // The successor itself is good for one more.
        (await auth.RefreshAsync(successor)).Data["refreshToken"]!.GetValue<string>().ShouldNotBe(successor);
    }

    [Theory]
    [InlineData("x")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("\u0000\u0001'; DROP TABLE sessions; --")]
    public async Task An_unknown_refresh_token_is_refused(string token)
    {
        var answer = await auth.RefreshAsync(token);
        answer.Status.ShouldBe(HttpStatusCode.Unauthorized);
        answer.Code.ShouldBe("AUTH_REFRESH_INVALID");
        answer.Headers.WwwAuthenticate.ToString().ShouldBe("Bearer");
    }

    [Fact]
    public async Task A_refresh_token_that_is_missing_or_too_long_is_named()
    {
        (await auth.Anonymous().PostAsync("/api/v1/auth/refresh", new { })).Fields.ShouldBe(["refreshToken"]);
        (await auth.RefreshAsync(new string('x', 513))).Fields.ShouldBe(["refreshToken"]);
        (await auth.Anonymous().PostTextAsync("/api/v1/auth/refresh", """{"refreshToken":17}""")).Fields.ShouldBe(["refreshToken"]);
    }

    [Fact]
    public async Task Signing_out_ends_the_whole_family_once()
    {
        var person = await auth.RegisterAsync();
        var next = (await auth.RefreshAsync(person.RefreshToken)).Data["refreshToken"]!.GetValue<string>();

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => auth.Bearer(person.AccessToken).PostAsync("/api/v1/auth/logout")));
        answers.ShouldAllBe(a => a.Status == HttpStatusCode.NoContent);
        (await auth.RefreshAsync(next)).Code.ShouldBe("AUTH_REFRESH_INVALID");
        (await auth.RefreshAsync(person.RefreshToken)).Code.ShouldBe("AUTH_REFRESH_INVALID");
        (await auth.Bearer(person.AccessToken).AskAsync("/api/v1/auth/verify")).Status.ShouldBe(HttpStatusCode.Unauthorized);
        await auth.Events.ExpectAsync<UserLoggedOut>(1, e => e.UserId == person.Id);
        // By the time that a later event is heard, so would be another one of these.
        var later = await auth.RegisterAsync();
        await auth.Events.ExpectAsync<UserRegistered>(1, e => e.UserId == later.Id);
        await auth.Events.ExpectAsync<UserLoggedOut>(1, e => e.UserId == person.Id);
    }

    [Fact]
    public async Task Signing_out_needs_only_the_refresh_token_also_a_used_one()
    {
        var person = await auth.RegisterAsync();
        var next = (await auth.RefreshAsync(person.RefreshToken)).Data["refreshToken"]!.GetValue<string>();

        (await auth.Anonymous().PostAsync("/api/v1/auth/logout", new { refreshToken = person.RefreshToken })).Status.ShouldBe(HttpStatusCode.NoContent);
        (await auth.RefreshAsync(next)).Code.ShouldBe("AUTH_REFRESH_INVALID");
        (await auth.Anonymous().PostAsync("/api/v1/auth/logout", new { refreshToken = "unknown" })).Status.ShouldBe(HttpStatusCode.NoContent);
        await auth.Events.ExpectAsync<UserLoggedOut>(1, e => e.UserId == person.Id);
    }

    [Fact]
    public async Task Signing_out_of_nothing_is_refused()
    {
        (await auth.Anonymous().PostAsync("/api/v1/auth/logout")).Code.ShouldBe("AUTH_REQUIRED");
        (await auth.Anonymous().PostAsync("/api/v1/auth/logout", new { })).Code.ShouldBe("AUTH_REQUIRED");
        (await auth.Bearer("garbage").PostAsync("/api/v1/auth/logout")).Status.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Sessions_are_listed_with_device_and_ended_one_by_one()
    {
        var here = await auth.RegisterAsync();
        var browser = auth.Anonymous();
        browser.DefaultRequestHeaders.UserAgent.ParseAdd("Elsewhere/2.0");
        var there = (await browser.PostAsync("/api/v1/auth/login", new { email = here.Email, password = Person.Password })).Data;
        var client = auth.Bearer(here.AccessToken);

        var sessions = await client.AskAsync("/api/v1/auth/sessions");
        sessions.Json["meta"]!["total"]!.GetValue<int>().ShouldBe(2);
        var (current, other) = (Single(s => s["current"]!.GetValue<bool>()), Single(s => !s["current"]!.GetValue<bool>()));
        other["device"]!.GetValue<string>().ShouldBe("Elsewhere/2.0");
        other["ip"]!.GetValue<string>().ShouldBe("127.0.0.1");
        current["createdAt"]!.GetValue<string>().ShouldEndWith("Z");

        var path = "/api/v1/auth/sessions/" + other["id"]!.GetValue<string>();
        var stranger = await auth.RegisterAsync();
        (await auth.Bearer(stranger.AccessToken).RemoveAsync(path)).Status.ShouldBe(HttpStatusCode.NotFound);
        (await auth.Anonymous().RemoveAsync(path)).Status.ShouldBe(HttpStatusCode.Unauthorized);
        (await client.RemoveAsync("/api/v1/auth/sessions/" + Guid.CreateVersion7())).Status.ShouldBe(HttpStatusCode.NotFound);
        (await client.RemoveAsync("/api/v1/auth/sessions/not-an-id")).Status.ShouldBe(HttpStatusCode.NotFound);
        (await Task.WhenAll(client.RemoveAsync(path), client.RemoveAsync(path))).ShouldAllBe(a => a.Status == HttpStatusCode.NoContent);

        (await auth.RefreshAsync(there["refreshToken"]!.GetValue<string>())).Code.ShouldBe("AUTH_REFRESH_INVALID");
        (await auth.Bearer(there["accessToken"]!.GetValue<string>()).AskAsync("/api/v1/auth/verify")).Code.ShouldBe("AUTH_TOKEN_INVALID");
        (await auth.RefreshAsync(here.RefreshToken)).Status.ShouldBe(HttpStatusCode.OK);
        (await client.AskAsync("/api/v1/auth/sessions")).Data.AsArray().Count.ShouldBe(1);
        await auth.Events.ExpectAsync<UserLoggedOut>(1, e => e.UserId == here.Id);

        JsonNode Single(Func<JsonNode, bool> where) => sessions.Data.AsArray().Where(s => where(s!)).ShouldHaveSingleItem()!;
    }

    [Theory]
    [InlineData("GET", "verify")]
    [InlineData("GET", "me")]
    [InlineData("GET", "sessions")]
    [InlineData("DELETE", "sessions")]
    [InlineData("DELETE", "sessions/01980000-0000-7000-8000-000000000000")]
    [InlineData("GET", "users")]
    [InlineData("PUT", "users/01980000-0000-7000-8000-000000000000/roles")]
    public async Task Who_is_not_signed_in_is_told_so(string method, string route)
    {
        var answer = await auth.Anonymous().ReadAsync(new HttpRequestMessage(new HttpMethod(method), "/api/v1/auth/" + route));
        answer.Status.ShouldBe(HttpStatusCode.Unauthorized);
        answer.Code.ShouldBe("AUTH_REQUIRED");
        answer.Headers.WwwAuthenticate.ToString().ShouldBe("Bearer");
    }
}
