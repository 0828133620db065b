using System.Net.Http.Headers;
using Microsoft.EntityFrameworkCore;
using TalentSphere.Auth.Devices;
using TalentSphere.TestKit;

namespace TalentSphere.Auth.Tests;

public sealed class DeviceTests(AuthFixture auth)
{
    private const string _firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:142.0) Gecko/20100101 Firefox/142.0";
    private const string _wrong = "violet-harbor-43";

    [Theory]
    [InlineData(_firefox, "Firefox on Linux")]
    [InlineData("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36", "Chrome on Windows")]
    [InlineData("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0", "Edge on Windows")]
    [InlineData("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1", "Safari on iPhone")]
    [InlineData("Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36", "Chrome on Android")]
    [InlineData("Mozilla/5.0 (Macintosh; Intel Mac OS X 15_0) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15", "Safari on Mac")]
    [InlineData("Mozilla/5.0 (compatible)", "Unknown browser")]
    [InlineData("curl/8.5.0", "curl/8.5.0")]
    [InlineData("", null)]
    [InlineData(null, null)]
    public void A_device_has_the_name_that_people_give_it(string? userAgent, string? name) => DeviceName.Of(userAgent).ShouldBe(name);

    [Theory]
    [InlineData("192.0.2.17", "192.0.2.0")]
    [InlineData("2001:db8:1:2:3:4:5:6", "2001:db8:1::")]
    [InlineData(null, "nowhere")]
    public void Neighbours_are_one_network(string? address, string network) => KnownDevices.NetworkOf(address).ShouldBe(network);

    [Fact]
    public async Task Sessions_are_named_and_all_others_end_at_once()
    {
        var here = await auth.RegisterAsync();
        var firefox = auth.Anonymous();
        firefox.DefaultRequestHeaders.UserAgent.ParseAdd(_firefox);
        var there = (await firefox.PostAsync("/api/v1/auth/login", new { email = here.Email, password = Person.Password })).Data;
        var third = await auth.SignInAsync(here.Email, Person.Password);
        var client = auth.Bearer(here.AccessToken);
        var listed = (await client.AskAsync("/api/v1/auth/sessions")).Data.AsArray();
        listed.Count.ShouldBe(3);
        listed.ShouldContain(s => s!["device"] != null && s["device"]!.GetValue<string>() == "Firefox on Linux" && s["userAgent"]!.GetValue<string>() == _firefox);
        listed.ShouldAllBe(s => s!["lastUsedAt"] != null);

        (await Task.WhenAll(client.RemoveAsync("/api/v1/auth/sessions"), client.RemoveAsync("/api/v1/auth/sessions"))).ShouldAllBe(a => a.Status == HttpStatusCode.NoContent);
        (await auth.RefreshAsync(there["refreshToken"]!.GetValue<string>())).Code.ShouldBe("AUTH_REFRESH_INVALID");
        (await auth.RefreshAsync(third.RefreshToken)).Code.ShouldBe("AUTH_REFRESH_INVALID");
        (await auth.RefreshAsync(here.RefreshToken)).Status.ShouldBe(HttpStatusCode.OK);
        await auth.Events.ExpectAsync<Contracts.Auth.UserLoggedOut>(2, e => e.UserId == here.Id);
        // Who was thrown out throws nobody out.
        (await auth.Bearer(third.AccessToken).RemoveAsync("/api/v1/auth/sessions")).Code.ShouldBe("AUTH_TOKEN_INVALID");
        (await client.AskAsync("/api/v1/auth/sessions")).Data.AsArray().Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_sign_in_from_somewhere_new_is_announced_once()
    {
        var person = await auth.RegisterAsync();
        await auth.SignInAsync(person.Email, Person.Password);
        var firefox = auth.Anonymous();
        firefox.DefaultRequestHeaders.UserAgent.ParseAdd(_firefox);
        for (var i = 0; i < 3; i++)
            (await firefox.PostAsync("/api/v1/auth/login", new { email = person.Email, password = Person.Password })).Status.ShouldBe(HttpStatusCode.OK);
        var mail = (await auth.MailsAsync(person.Email, "A sign-in from somewhere new"))[0];
        mail.Text.ShouldContain("Firefox on Linux");
        mail.Text.ShouldContain("127.0.0.1");
        // From another network, as the gateway tells.
        firefox.DefaultRequestHeaders.Add("X-Forwarded-For", "203.0.113.9");
        await firefox.PostAsync("/api/v1/auth/login", new { email = person.Email, password = Person.Password });
        (await auth.MailsAsync(person.Email, "A sign-in from somewhere new", 2)).Count.ShouldBe(2);
        await Eventually.SeesAsync(() => auth.InDatabaseAsync(db => db.PendingMails.CountAsync(m => m.AccountId == person.Id)), n => n == 0, "no mail to wait");
        auth.MailsTo(person.Email, "A sign-in").Count.ShouldBe(2);
    }

    [Fact]
    public async Task Strangers_cannot_keep_a_known_device_out_nor_a_session_from_its_own_account()
    {
        var registered = await auth.Anonymous().PostAsync("/api/v1/auth/register", new { email = AuthFixture.NewEmail(), password = Person.Password, name = "Mia" });
        var email = registered.Data["user"]!["email"]!.GetValue<string>();
        var deviceToken = registered.Data["deviceToken"]!.GetValue<string>();
        for (var i = 0; i < 6; i++)
            await auth.LoginAsync(email, _wrong);
        (await auth.LoginAsync(email, Person.Password)).Code.ShouldBe("AUTH_LOCKED");
        (await LoginAsync(email, Person.Password, "unknown")).Code.ShouldBe("AUTH_LOCKED");

        var answer = await LoginAsync(email, Person.Password, deviceToken);
        answer.Status.ShouldBe(HttpStatusCode.OK, answer.Body);
        answer.Data["deviceToken"].ShouldBeNull();
        // The owner's success does not open the door to the strangers again.
        (await auth.LoginAsync(email, Person.Password)).Code.ShouldBe("AUTH_LOCKED");
        var client = auth.Bearer(registered.Data["accessToken"]!.GetValue<string>());
        (await client.PostAsync("/api/v1/auth/password/change", new { currentPassword = Person.Password, newPassword = "amber-lantern-77" })).Status
            .ShouldBe(HttpStatusCode.NoContent);

        // A device that guesses is locked out like everybody, and another account's device is a stranger.
        for (var i = 0; i < 5; i++)
            (await LoginAsync(email, _wrong, deviceToken)).Code.ShouldBe("AUTH_001");
        (await LoginAsync(email, "amber-lantern-77", deviceToken)).Code.ShouldBe("AUTH_LOCKED");
        var other = await auth.RegisterAsync();
        for (var i = 0; i < 5; i++)
            (await LoginAsync(other.Email, _wrong, deviceToken)).Code.ShouldBe("AUTH_001");
        (await LoginAsync(other.Email, Person.Password, deviceToken)).Code.ShouldBe("AUTH_LOCKED");
    }

    [Fact]
    public async Task A_reset_makes_its_device_known_and_every_other_one_a_stranger()
    {
        var registered = await auth.Anonymous().PostAsync("/api/v1/auth/register", new { email = AuthFixture.NewEmail(), password = Person.Password, name = "Mia" });
        var email = registered.Data["user"]!["email"]!.GetValue<string>();
        await auth.Anonymous().PostAsync("/api/v1/auth/password/forgot", new { email });
        var token = (await auth.MailsAsync(email, "Choose"))[0].Token;
        var reset = await auth.Anonymous().PostAsync("/api/v1/auth/password/reset", new { token, newPassword = "amber-lantern-77" });
        for (var i = 0; i < 6; i++)
            await auth.LoginAsync(email, _wrong);
        (await LoginAsync(email, "amber-lantern-77", registered.Data["deviceToken"]!.GetValue<string>())).Code.ShouldBe("AUTH_LOCKED");
        (await LoginAsync(email, "amber-lantern-77", reset.Data["deviceToken"]!.GetValue<string>())).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task An_account_is_known_by_no_more_than_fifty_devices()
    {
        var person = await auth.RegisterAsync();
        await auth.InDatabaseAsync(async db =>
        {
            for (var i = 0; i < 60; i++)
            {
                db.KnownDevices.Add(new()
                {
                    Id = Guid.CreateVersion7(),
                    AccountId = person.Id,
                    SecretHash = Guid.CreateVersion7().ToByteArray(),
                    CreatedAt = DateTime.UtcNow.AddDays(-1),
                    LastUsedAt = DateTime.UtcNow.AddDays(-1),
                });
            }
            return await db.SaveChangesAsync();
        });
        await auth.SignInAsync(person.Email, Person.Password);
        (await auth.InDatabaseAsync(db => db.KnownDevices.CountAsync(d => d.AccountId == person.Id))).ShouldBe(KnownDevices.MostPerAccount);
        (await auth.Bearer(person.AccessToken).RemoveAsync("/api/v1/auth/me", new { password = Person.Password })).Status.ShouldBe(HttpStatusCode.Accepted);
        (await auth.InDatabaseAsync(db => db.KnownDevices.CountAsync(d => d.AccountId == person.Id))).ShouldBe(0);
    }

    private Task<Answer> LoginAsync(string email, string password, string deviceToken) =>
        auth.Anonymous().PostAsync("/api/v1/auth/login", new { email, password, deviceToken });
}

/// <summary>An auth service that counts few failures per network.</summary>
public sealed class FloodFixture : AuthFixture
{
    public FloodFixture() => Settings["Auth:FailuresPerAddress"] = "8";
}

public sealed class FloodTests(FloodFixture auth) : IClassFixture<FloodFixture>
{
    [Fact]
    public async Task Guessing_at_many_accounts_from_one_network_is_stopped_there_and_nowhere_else()
    {
        var person = await auth.Anonymous().PostAsync("/api/v1/auth/register", new { email = AuthFixture.NewEmail(), password = Person.Password, name = "Mia" });
        var email = person.Data["user"]!["email"]!.GetValue<string>();
        var attacker = From("203.0.113.50");
        for (var i = 0; i < 8; i++)
            (await attacker.PostAsync("/api/v1/auth/login", new { email = AuthFixture.NewEmail(), password = "violet-harbor-43" })).Code.ShouldBe("AUTH_001");
        foreach (var target in (string[])[email, AuthFixture.NewEmail()])
        {
            var refused = await attacker.PostAsync("/api/v1/auth/login", new { email = target, password = Person.Password });
            (refused.Status, refused.Code).ShouldBe((HttpStatusCode.TooManyRequests, "RATE_LIMITED"));
            refused.Headers.RetryAfter!.Delta!.Value.ShouldBeGreaterThan(TimeSpan.FromMinutes(14));
        }
        // Neighbours behind the same door: who is known signs in, who is signed in stays so.
        var deviceToken = person.Data["deviceToken"]!.GetValue<string>();
        (await attacker.PostAsync("/api/v1/auth/login", new { email, password = Person.Password, deviceToken })).Status.ShouldBe(HttpStatusCode.OK);
        (await attacker.PostAsync("/api/v1/auth/refresh", new { refreshToken = person.Data["refreshToken"]!.GetValue<string>() })).Status.ShouldBe(HttpStatusCode.OK);
        attacker.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", person.Data["accessToken"]!.GetValue<string>());
        (await attacker.AskAsync("/api/v1/auth/verify")).Status.ShouldBe(HttpStatusCode.OK);
        (await From("198.51.100.7").PostAsync("/api/v1/auth/login", new { email, password = Person.Password })).Status.ShouldBe(HttpStatusCode.OK);

        HttpClient From(string address)
        {
            var client = auth.Anonymous();
            client.DefaultRequestHeaders.Add("X-Forwarded-For", address);
            return client;
        }
    }
}
