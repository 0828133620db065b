using System.Buffers.Text;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using TalentSphere.Auth.Tokens;
using TalentSphere.TestKit;

namespace TalentSphere.Auth.Tests;

/// <summary>A service of its own: its keys change.</summary>
public sealed class RotatingFixture : AuthFixture
{
    public RotatingFixture() => Settings["Auth:PollInterval"] = "00:00:00.1";
}

public sealed class KeyRotationTests(RotatingFixture auth) : IClassFixture<RotatingFixture>
{
    [Fact]
    public async Task A_new_key_is_published_before_it_signs_and_the_old_one_until_its_last_token_is_dead()
    {
        using var admin = await AdminAsync();
        var before = await auth.RegisterAsync();
        var old = KeyOf(before.AccessToken);
        var rotated = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => admin.PostAsync("/api/v1/auth/keys/rotate")));
        var fresh = rotated.Select(r => r.Data["id"]!.GetValue<string>()).Distinct().ShouldHaveSingleItem("five at once are one rotation");
        rotated[0].Data["state"]!.GetValue<string>().ShouldBe("published");
        (await PublishedAsync()).ShouldBe([old, fresh], ignoreOrder: true);
        KeyOf((await auth.RegisterAsync()).AccessToken).ShouldBe(old, "the new one does not sign yet");

        auth.Clock.Move(TimeSpan.FromMinutes(3));
        var after = await auth.RegisterAsync();
        KeyOf(after.AccessToken).ShouldBe(fresh);
        (await PublishedAsync()).ShouldBe([old, fresh], ignoreOrder: true);
        foreach (var token in (string[])[before.AccessToken, after.AccessToken])
            (await auth.Bearer(token).AskAsync("/api/v1/auth/me")).Status.ShouldBe(HttpStatusCode.OK);
        var states = (await admin.AskAsync("/api/v1/auth/keys")).Data.AsArray().ToDictionary(k => k!["id"]!.GetValue<string>(), k => k!["state"]!.GetValue<string>());
        (states[fresh], states[old]).ShouldBe(("signing", "retiring"));

        auth.Clock.Move(TimeSpan.FromMinutes(16));
        auth.Services.GetRequiredService<KeyRing>().Reload();
        (await PublishedAsync()).ShouldBe([fresh]);
        (await auth.Bearer(before.AccessToken).AskAsync("/api/v1/auth/me")).Status.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task In_an_emergency_every_token_that_is_out_is_refused_and_every_session_goes_on()
    {
        using var admin = await AdminAsync();
        var person = await auth.RegisterAsync();
        var replaced = await admin.PostAsync("/api/v1/auth/keys/rotate", new { emergency = true });
        replaced.Data["state"]!.GetValue<string>().ShouldBe("signing");
        (await PublishedAsync()).ShouldBe([replaced.Data["id"]!.GetValue<string>()]);
        (await auth.Bearer(person.AccessToken).AskAsync("/api/v1/auth/me")).Code.ShouldBe("AUTH_TOKEN_INVALID");
        var refreshed = await auth.RefreshAsync(person.RefreshToken);
        (await auth.Bearer(refreshed.Data["accessToken"]!.GetValue<string>()).AskAsync("/api/v1/auth/me")).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_key_that_has_signed_for_ninety_days_is_followed_by_another()
    {
        using var scope = auth.Services.CreateScope();
        var rotation = scope.ServiceProvider.GetRequiredService<KeyRotation>();
        await rotation.ReplaceAsync(by: null, default);
        var keys = await CountAsync();
        auth.Clock.Move(TimeSpan.FromDays(89));
        await rotation.RotateIfDueAsync(default);
        (await CountAsync()).ShouldBe(keys);
        auth.Clock.Move(TimeSpan.FromDays(2));
        await rotation.RotateIfDueAsync(default);
        await rotation.RotateIfDueAsync(default);
        (await CountAsync()).ShouldBe(keys + 1);
    }

    [Fact]
    public async Task Only_admins_see_and_change_keys_and_no_private_part_is_shown()
    {
        var person = await auth.RegisterAsync("employer");
        (await auth.Bearer(person.AccessToken).PostAsync("/api/v1/auth/keys/rotate")).Status.ShouldBe(HttpStatusCode.Forbidden);
        (await auth.Anonymous().AskAsync("/api/v1/auth/keys")).Status.ShouldBe(HttpStatusCode.Unauthorized);
        using var admin = await AdminAsync();
        foreach (var key in (await admin.AskAsync("/api/v1/auth/keys")).Data.AsArray())
            key!.AsObject().Select(p => p.Key).ShouldBe(["id", "state", "createdAt", "signsFrom", "signsUntil", "publishedUntil"]);
    }

    private Task<int> CountAsync() => auth.InDatabaseAsync(db => db.SigningKeys.CountAsync());

    private async Task<List<string>> PublishedAsync() =>
        [.. (await auth.Anonymous().AskAsync("/.well-known/jwks.json")).Json["keys"]!.AsArray().Select(k => k!["kid"]!.GetValue<string>())];

    private static string KeyOf(string token) => JsonNode.Parse(Base64Url.DecodeFromChars(token.Split('.')[0]))!["kid"]!.GetValue<string>();

    private async Task<HttpClient> AdminAsync() =>
        auth.Bearer((await auth.SignInAsync("admin@talentsphere.example", AuthFixture.SeedPassword)).AccessToken);
}
