using Microsoft.EntityFrameworkCore;
using TalentSphere.TestKit;

namespace TalentSphere.Auth.Tests;

public sealed class ApiKeyTests(QuickFixture auth) : IClassFixture<QuickFixture>
{
    private const string _route = "/api/v1/auth/api-keys";

    [Fact]
    public async Task A_key_is_exchanged_for_a_token_that_may_do_what_its_scopes_say_and_no_more()
    {
        var person = await auth.RegisterAsync();
        using var owner = auth.Bearer(person.AccessToken);
        var (id, key) = await CreateAsync(owner, "auth:read", "jobs:write");
        key.ShouldStartWith("tsk_");
        var exchanged = await ExchangeAsync(key);
        exchanged.Status.ShouldBe(HttpStatusCode.OK, exchanged.Body);
        exchanged.Headers.CacheControl!.NoStore.ShouldBeTrue();
        exchanged.Data["scope"]!.GetValue<string>().ShouldBe("auth:read jobs:write");
        using var program = auth.Bearer(exchanged.Data["accessToken"]!.GetValue<string>());
        (await program.AskAsync("/api/v1/auth/me")).Id.ShouldBe(person.Id);
        foreach (var refused in (Answer[])[await program.RemoveAsync($"{_route}/{id}"), await program.PostAsync(_route, new { name = "more", scopes = new[] { "jobs:read" } })])
        {
            refused.Status.ShouldBe(HttpStatusCode.Forbidden, refused.Body);
            refused.Code.ShouldBe("AUTH_SCOPE_INSUFFICIENT");
            refused.Headers.WwwAuthenticate.ToString().ShouldContain("insufficient_scope");
        }

        var (_, other) = await CreateAsync(owner, "lms:read");
        using var elsewhere = auth.Bearer((await ExchangeAsync(other)).Data["accessToken"]!.GetValue<string>());
        (await elsewhere.AskAsync("/api/v1/auth/me")).Code.ShouldBe("AUTH_SCOPE_INSUFFICIENT");
        var (_, reader) = await CreateAsync(owner, "*:read");
        using var everywhere = auth.Bearer((await ExchangeAsync(reader)).Data["accessToken"]!.GetValue<string>());
        (await everywhere.AskAsync("/api/v1/auth/me")).Status.ShouldBe(HttpStatusCode.OK);

        var listed = (await owner.AskAsync(_route)).Data.AsArray();
        listed.Count.ShouldBe(3);
        listed.ShouldContain(k => k!["id"]!.GetValue<Guid>() == id && k["lastUsedAt"] != null);
    }

    [Fact]
    public async Task A_rotated_key_and_its_forerunner_are_good_together_for_the_overlap()
    {
        using var owner = auth.Bearer((await auth.RegisterAsync()).AccessToken);
        var (id, first) = await CreateAsync(owner, "jobs:read");
        var second = (await owner.PostAsync($"{_route}/{id}/rotate", new { overlapSeconds = 60 })).Data["apiKey"]!.GetValue<string>();
        (await ExchangeAsync(first)).Status.ShouldBe(HttpStatusCode.OK);
        (await ExchangeAsync(second)).Status.ShouldBe(HttpStatusCode.OK);
        auth.Clock.Move(TimeSpan.FromSeconds(61));
        (await ExchangeAsync(first)).Code.ShouldBe("AUTH_KEY_INVALID");
        (await ExchangeAsync(second)).Status.ShouldBe(HttpStatusCode.OK);
        var third = (await owner.PostAsync($"{_route}/{id}/rotate", new { overlapSeconds = 0 })).Data["apiKey"]!.GetValue<string>();
        (await ExchangeAsync(second)).Code.ShouldBe("AUTH_KEY_INVALID");
        (await ExchangeAsync(third)).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_revoked_key_is_worth_nothing_and_neither_are_its_tokens()
    {
        using var owner = auth.Bearer((await auth.RegisterAsync()).AccessToken);
        var (id, key) = await CreateAsync(owner, "auth:read");
        using var program = auth.Bearer((await ExchangeAsync(key)).Data["accessToken"]!.GetValue<string>());
        (await owner.RemoveAsync($"{_route}/{id}")).Status.ShouldBe(HttpStatusCode.NoContent);
        (await owner.RemoveAsync($"{_route}/{id}")).Status.ShouldBe(HttpStatusCode.NoContent);
        (await ExchangeAsync(key)).Code.ShouldBe("AUTH_KEY_INVALID");
        var refused = await Eventually.SeesAsync(
            () => program.AskAsync("/api/v1/auth/me"), a => a.Status == HttpStatusCode.Unauthorized, "the token to be refused", TimeSpan.FromSeconds(10));
        refused.Code.ShouldBe("AUTH_TOKEN_REVOKED");
        (await owner.PostAsync($"{_route}/{id}/rotate", new { })).Code.ShouldBe("AUTH_KEY_NOT_FOUND");
    }

    [Fact]
    public async Task A_key_ends_by_itself_and_what_is_no_key_is_refused_alike()
    {
        using var owner = auth.Bearer((await auth.RegisterAsync()).AccessToken);
        var made = await owner.PostAsync(_route, new { name = "short", scopes = new[] { "jobs:read" }, days = 1 });
        var key = made.Data["apiKey"]!.GetValue<string>();
        foreach (var wrong in (string[])[key[..^1] + (key[^1] == 'A' ? 'B' : 'A'), "tsk_", $"tsk_{Guid.CreateVersion7():N}_x", "nothing", key.Replace("tsk_", "", StringComparison.Ordinal)])
            (await ExchangeAsync(wrong)).Code.ShouldBe("AUTH_KEY_INVALID", wrong.Length.ToString(System.Globalization.CultureInfo.InvariantCulture));
        (await ExchangeAsync(key)).Status.ShouldBe(HttpStatusCode.OK);
        auth.Clock.Move(TimeSpan.FromHours(25));
        (await ExchangeAsync(key)).Code.ShouldBe("AUTH_KEY_INVALID");
        (await ExchangeAsync(new string('x', 600))).Status.ShouldBe(HttpStatusCode.UnprocessableEntity);
    }

    [Theory]
    [InlineData("""{"name":"x"}""", "scopes")]
    [InlineData("""{"scopes":["jobs:read"]}""", "name")]
    [InlineData("""{"name":"x","scopes":[]}""", "scopes")]
    [InlineData("""{"name":"x","scopes":["jobs"]}""", "scopes")]
    [InlineData("""{"name":"x","scopes":["auth:write"]}""", "scopes")]
    [InlineData("""{"name":"x","scopes":["*:write"]}""", "scopes")]
    [InlineData("""{"name":"x","scopes":["jobs:read\n"]}""", "scopes")]
    [InlineData("""{"name":"x","scopes":["jobs:read"],"days":0}""", "days")]
    [InlineData("""{"name":"x","scopes":["jobs:read"],"days":10000}""", "days")]
    public async Task What_a_key_cannot_be_is_named(string body, string field)
    {
        using var owner = auth.Bearer((await auth.RegisterAsync()).AccessToken);
        var answer = await owner.ReadAsync(new HttpRequestMessage(HttpMethod.Post, _route) { Content = new StringContent(body, null, "application/json") });
        answer.Status.ShouldBe(HttpStatusCode.UnprocessableEntity, answer.Body);
        answer.Fields.ShouldBe([field]);
    }

    [Fact]
    public async Task Keys_are_their_owners_counted_and_stored_as_hashes()
    {
        var person = await auth.RegisterAsync();
        using var owner = auth.Bearer(person.AccessToken);
        using var stranger = auth.Bearer((await auth.RegisterAsync()).AccessToken);
        var (id, key) = await CreateAsync(owner, "jobs:read");
        (await stranger.RemoveAsync($"{_route}/{id}")).Status.ShouldBe(HttpStatusCode.NotFound);
        (await stranger.PostAsync($"{_route}/{id}/rotate", new { })).Status.ShouldBe(HttpStatusCode.NotFound);
        (await stranger.AskAsync(_route)).Data.AsArray().ShouldBeEmpty();

        // Thirty at once are as many as may be, and no more.
        var more = await Task.WhenAll(Enumerable.Range(0, 30).Select(_ => owner.PostAsync(_route, new { name = "many", scopes = new[] { "jobs:read" } })));
        more.Count(a => a.Status == HttpStatusCode.Created).ShouldBe(19);
        more.Where(a => a.Status != HttpStatusCode.Created).ShouldAllBe(a => a.Code == "AUTH_TOO_MANY_KEYS");

        var stored = await auth.InDatabaseAsync(db => db.ApiKeys.AsNoTracking().SingleAsync(k => k.Id == id));
        stored.SecretHash.Length.ShouldBe(32);
        var secret = key[^40..];
        auth.Log.ShouldNotContain(line => line.Contains(secret, StringComparison.Ordinal));

        using var admin = auth.Bearer((await auth.SignInAsync("admin@talentsphere.example", AuthFixture.SeedPassword)).AccessToken);
        (await admin.PutAsync($"/api/v1/auth/users/{person.Id}/block", new { })).Status.ShouldBe(HttpStatusCode.OK);
        (await ExchangeAsync(key)).Code.ShouldBe("AUTH_KEY_INVALID", "its owner is blocked");
    }

    private Task<Answer> ExchangeAsync(string key) => auth.Anonymous().PostAsync("/api/v1/auth/token", new { apiKey = key });

    private static async Task<(Guid Id, string Key)> CreateAsync(HttpClient owner, params string[] scopes)
    {
        var made = await owner.PostAsync(_route, new { name = "A program", scopes });
        made.Status.ShouldBe(HttpStatusCode.Created, made.Body);
        made.Headers.CacheControl!.NoStore.ShouldBeTrue();
        return (made.Data["key"]!["id"]!.GetValue<Guid>(), made.Data["apiKey"]!.GetValue<string>());
    }
}
