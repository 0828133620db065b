using Microsoft.EntityFrameworkCore;
using TalentSphere.Auth.Passwords;
using TalentSphere.Contracts.Auth;
using TalentSphere.TestKit;

namespace TalentSphere.Auth.Tests;

public sealed class SignInTests(AuthFixture auth)
{
    [Fact]
    public async Task Signing_in_gives_tokens_and_is_announced_with_address_and_device()
    {
        var person = await auth.RegisterAsync();
        var client = auth.Anonymous();
        client.DefaultRequestHeaders.UserAgent.ParseAdd("Browser/1.0 " + new string('x', 400));
        var answer = await client.PostAsync("/api/v1/auth/login", new { email = person.Email.ToUpperInvariant(), password = Person.Password });

        answer.Status.ShouldBe(HttpStatusCode.OK, answer.Body);
        answer.Data["user"]!["id"]!.GetValue<Guid>().ShouldBe(person.Id);
        var heard = (await auth.Events.ExpectAsync<UserLoggedIn>(1, e => e.UserId == person.Id))[0];
        heard.IpAddress.ShouldBe("127.0.0.1");
        heard.UserAgent!.Length.ShouldBe(256);
        heard.UserAgent.ShouldStartWith("Browser/1.0 xxx");
    }

    [Fact]
    public async Task A_wrong_password_and_an_unknown_address_look_the_same_up_to_the_lock_and_beyond()
    {
        var person = await auth.RegisterAsync();
        var stranger = AuthFixture.NewEmail();
        for (var i = 1; i <= 7; i++)
        {
            var known = await auth.LoginAsync(person.Email, "violet-harbor-43");
            var unknown = await auth.LoginAsync(stranger, "violet-harbor-43");
            known.Status.ShouldBe(i <= 5 ? HttpStatusCode.Unauthorized : HttpStatusCode.Locked, known.Body);
            known.Code.ShouldBe(i <= 5 ? "AUTH_001" : "AUTH_LOCKED");
            (unknown.Status, unknown.Code, unknown.Json["detail"]!.ToString()).ShouldBe((known.Status, known.Code, known.Json["detail"]!.ToString()));
            unknown.Headers.Select(h => h.Key).Order().ShouldBe(known.Headers.Select(h => h.Key).Order());
            if (i > 5)
                known.Headers.RetryAfter!.Delta!.Value.ShouldBeInRange(TimeSpan.FromMinutes(14), TimeSpan.FromMinutes(15));
            else
                known.Headers.WwwAuthenticate.ToString().ShouldBe("Bearer");
        }

        (await auth.LoginAsync(person.Email, Person.Password)).Code.ShouldBe("AUTH_LOCKED");
        // Whoever is signed in stays so.
        (await auth.Bearer(person.AccessToken).AskAsync("/api/v1/auth/verify")).Status.ShouldBe(HttpStatusCode.OK);
        (await auth.RefreshAsync(person.RefreshToken)).Status.ShouldBe(HttpStatusCode.OK);
        auth.Events.Of<UserLoggedIn>(e => e.UserId == person.Id).ShouldBeEmpty();
    }

    [Fact]
    public async Task Guessing_in_parallel_tells_no_more_than_guessing_in_turn()
    {
        var person = await auth.RegisterAsync();
        var answers = await Task.WhenAll(Enumerable.Range(0, 16).Select(i => auth.LoginAsync(person.Email, $"violet-harbor-{i + 50}")));
        answers.Count(a => a.Code == "AUTH_001").ShouldBe(5);
        answers.Count(a => a.Code == "AUTH_LOCKED").ShouldBe(11);
    }

    [Fact]
    public async Task The_owner_may_sign_in_everywhere_at_once_and_a_success_clears_the_count()
    {
        var person = await auth.RegisterAsync();
        for (var round = 0; round < 2; round++)
        {
            for (var i = 0; i < 4; i++)
                (await auth.LoginAsync(person.Email, "violet-harbor-43")).Code.ShouldBe("AUTH_001");
            (await auth.LoginAsync(person.Email, Person.Password)).Status.ShouldBe(HttpStatusCode.OK);
        }
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => auth.LoginAsync(person.Email, Person.Password)));
        answers.ShouldAllBe(a => a.Status == HttpStatusCode.OK);
        answers.Select(a => a.Data["refreshToken"]!.GetValue<string>()).Distinct().Count().ShouldBe(8);
    }

    [Fact]
    public async Task A_hash_of_other_parameters_is_renewed_when_its_owner_signs_in()
    {
        var person = await auth.RegisterAsync();
        var old = PasswordHash.Create(Person.Password, 1000).ToString();
        await auth.InDatabaseAsync(db => db.Accounts.Where(a => a.Id == person.Id).ExecuteUpdateAsync(s => s.SetProperty(a => a.PasswordHash, old)));

        (await auth.LoginAsync(person.Email, "violet-harbor-43")).Code.ShouldBe("AUTH_001");
        (await StoredAsync()).ShouldBe(old);
        (await auth.LoginAsync(person.Email, Person.Password)).Status.ShouldBe(HttpStatusCode.OK);
        PasswordHash.Parse(await StoredAsync()).Rounds.ShouldBe(210_000);
        (await auth.LoginAsync(person.Email, Person.Password)).Status.ShouldBe(HttpStatusCode.OK);

        Task<string> StoredAsync() => auth.InDatabaseAsync(db => db.Accounts.Where(a => a.Id == person.Id).Select(a => a.PasswordHash).SingleAsync());
    }

    [Fact]
    public async Task What_is_missing_or_too_long_is_named()
    {
        (await auth.Anonymous().PostAsync("/api/v1/auth/login", new { })).Fields.ShouldBe(["email", "password"]);
        (await auth.LoginAsync(new string('a', 255), new string('p', 129))).Fields.ShouldBe(["email", "password"]);
        (await auth.LoginAsync("a\u0000@example.org", Person.Password)).Fields.ShouldBe(["email"]);
        (await auth.LoginAsync("no address at all", "x")).Code.ShouldBe("AUTH_001");
        (await auth.LoginAsync("ünknown\u0301@example.org", "x\u0000")).Code.ShouldBe("AUTH_001");
    }
}
