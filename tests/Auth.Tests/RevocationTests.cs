using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using TalentSphere.Auth.Tokens;
using TalentSphere.ServiceDefaults.Auth;
using TalentSphere.TestKit;

namespace TalentSphere.Auth.Tests;

/// <summary>A service that looks for revoked tokens ten times a second.</summary>
public sealed class QuickFixture : AuthFixture
{
    public QuickFixture() => Settings["Auth:PollInterval"] = "00:00:00.1";
}

public sealed class RevocationTests(QuickFixture auth) : IClassFixture<QuickFixture>
{
    [Fact]
    public async Task A_token_dies_with_its_session_and_those_of_other_sessions_live()
    {
        var person = await auth.RegisterAsync();
        var elsewhere = await auth.SignInAsync(person.Email, Person.Password);
        (await auth.Bearer(person.AccessToken).PostAsync("/api/v1/auth/logout", new { })).Status.ShouldBe(HttpStatusCode.NoContent);
        await RefusedAsync(person.AccessToken);
        (await auth.Bearer(elsewhere.AccessToken).AskAsync("/api/v1/auth/me")).Status.ShouldBe(HttpStatusCode.OK);
        var entry = (await EntriesAsync()).Single(e => e["subject"]!.GetValue<Guid>() == person.Id);
        entry["generation"].ShouldBeNull();
        entry["until"]!.GetValue<DateTime>().ShouldBeGreaterThan(DateTime.UtcNow.AddMinutes(14));
    }

    [Fact]
    public async Task Other_roles_make_the_tokens_with_the_old_ones_worthless_and_a_refresh_brings_the_new_ones()
    {
        var person = await auth.RegisterAsync("employer");
        await SetRolesAsync(person, "employer", "instructor");
        await RefusedAsync(person.AccessToken);
        var refreshed = await auth.RefreshAsync(person.RefreshToken);
        refreshed.Status.ShouldBe(HttpStatusCode.OK, refreshed.Body);
        var token = refreshed.Data["accessToken"]!.GetValue<string>();
        (await auth.Bearer(token).AskAsync("/api/v1/auth/verify")).Data["roles"]!.AsArray().Select(r => r!.GetValue<string>()).ShouldBe(["employer", "instructor"]);

        // What changes nothing ends nothing.
        await SetRolesAsync(person, "instructor", "employer");
        (await EntriesAsync()).Count(e => e["subject"]!.GetValue<Guid>() == person.Id).ShouldBe(1);
    }

    [Fact]
    public async Task A_blocked_account_is_out_everywhere_until_it_is_unblocked()
    {
        var person = await auth.RegisterAsync();
        using var admin = await AdminAsync();
        (await admin.PutAsync($"/api/v1/auth/users/{person.Id}/block", new { })).Status.ShouldBe(HttpStatusCode.OK);
        (await admin.PutAsync($"/api/v1/auth/users/{person.Id}/block", new { })).Status.ShouldBe(HttpStatusCode.OK);
        await RefusedAsync(person.AccessToken);
        (await auth.RefreshAsync(person.RefreshToken)).Code.ShouldBe("AUTH_REFRESH_INVALID");
        (await auth.LoginAsync(person.Email, Person.Password)).Code.ShouldBe("AUTH_BLOCKED");
        (await auth.LoginAsync(person.Email, "not-" + Person.Password)).Code.ShouldBe("AUTH_001", "only who knows the password learns of the block");

        (await admin.RemoveAsync($"/api/v1/auth/users/{person.Id}/block")).Status.ShouldBe(HttpStatusCode.OK);
        var back = await auth.SignInAsync(person.Email, Person.Password);
        (await auth.Bearer(back.AccessToken).AskAsync("/api/v1/auth/me")).Status.ShouldBe(HttpStatusCode.OK);
        (await auth.Bearer(person.AccessToken).AskAsync("/api/v1/auth/me")).Status.ShouldBe(HttpStatusCode.Unauthorized);

        var own = (await admin.AskAsync("/api/v1/auth/me")).Id;
        (await admin.PutAsync($"/api/v1/auth/users/{own}/block", new { })).Code.ShouldBe("AUTH_OWN_ACCOUNT");
        (await admin.PutAsync($"/api/v1/auth/users/{Guid.CreateVersion7()}/block", new { })).Code.ShouldBe("USER_001");
        (await auth.Bearer(back.AccessToken).PutAsync($"/api/v1/auth/users/{own}/block", new { })).Status.ShouldBe(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task A_sign_in_that_meets_a_block_does_not_outlive_it()
    {
        var person = await auth.RegisterAsync();
        var before = await SessionsAsync();
        var refused = await auth.InDatabaseAsync(async db =>
        {
            await using var block = await db.Database.BeginTransactionAsync();
            await db.Database.ExecuteSqlAsync($"UPDATE accounts SET blocked_at = now() WHERE id = {person.Id}");
            await db.Database.ExecuteSqlAsync($"SELECT id FROM accounts WHERE id = {person.Id} FOR UPDATE");
            var signIn = auth.LoginAsync(person.Email, Person.Password);
            await Eventually.TrueAsync(
                () => auth.InDatabaseAsync(look => look.Database.SqlQuery<bool>(
                    $"""SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock') AS "Value" """).SingleAsync()),
                "a sign-in that waits for the account");
            await block.CommitAsync();
            return await signIn;
        });
        refused.Status.ShouldBe(HttpStatusCode.Unauthorized, refused.Body);
        (await SessionsAsync()).ShouldBe(before);

        // A session that got through all the same has nothing to go on with.
        (await auth.RefreshAsync(person.RefreshToken)).Code.ShouldBe("AUTH_REFRESH_INVALID");

        Task<int> SessionsAsync() => auth.InDatabaseAsync(db => db.Sessions.CountAsync(s => s.AccountId == person.Id && s.RevokedAt == null));
    }

    [Fact]
    public async Task An_erased_account_has_no_living_token()
    {
        var person = await auth.RegisterAsync();
        (await auth.Bearer(person.AccessToken).RemoveAsync("/api/v1/auth/me", new { password = Person.Password })).Status.ShouldBe(HttpStatusCode.Accepted);
        await RefusedAsync(person.AccessToken);
    }

    [Fact]
    public async Task The_list_goes_on_where_it_ended_and_says_again_what_may_have_been_committed_late()
    {
        var person = await auth.RegisterAsync();
        await auth.Bearer(person.AccessToken).PostAsync("/api/v1/auth/logout", new { });
        var source = auth.Services.GetRequiredService<IRevocationSource>();
        var all = await source.ReadAsync(null, default);
        all.Entries.ShouldContain(e => e.Subject == person.Id && e.Session != null);
        (await source.ReadAsync(all.Cursor, default)).Entries.ShouldContain(e => e.Subject == person.Id, "within the overlap");
        auth.Clock.Move(TimeSpan.FromMinutes(1));
        var later = await source.ReadAsync(all.Cursor, default);
        (await source.ReadAsync(later.Cursor, default)).Entries.ShouldNotContain(e => e.Subject == person.Id);
        (await source.ReadAsync("no cursor", default)).Entries.ShouldContain(e => e.Subject == person.Id);
        auth.Clock.Move(TimeSpan.FromMinutes(20));
        (await source.ReadAsync(null, default)).Entries.ShouldNotContain(e => e.Subject == person.Id, "no such token is alive any more");
    }

    private async Task RefusedAsync(string token)
    {
        var refused = await Eventually.SeesAsync(
            () => auth.Bearer(token).AskAsync("/api/v1/auth/sessions"), a => a.Status == HttpStatusCode.Unauthorized, "the token to be refused", TimeSpan.FromSeconds(30));
        refused.Code.ShouldBe("AUTH_TOKEN_REVOKED");
        refused.Headers.WwwAuthenticate.ToString().ShouldContain("invalid_token");
    }

    private async Task<IReadOnlyList<JsonObject>> EntriesAsync()
    {
        var answer = await auth.Anonymous().AskAsync("/internal/revocations");
        answer.Headers.CacheControl!.NoStore.ShouldBeTrue();
        return [.. answer.Json["entries"]!.AsArray().Select(e => e!.AsObject())];
    }

    private async Task<HttpClient> AdminAsync() =>
        auth.Bearer((await auth.SignInAsync("admin@talentsphere.example", AuthFixture.SeedPassword)).AccessToken);

    private async Task SetRolesAsync(Person person, params string[] roles)
    {
        using var admin = await AdminAsync();
        (await admin.PutAsync($"/api/v1/auth/users/{person.Id}/roles", new { roles })).Status.ShouldBe(HttpStatusCode.OK);
    }
}
