using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using TalentSphere.Auth.Accounts;
using TalentSphere.Auth.Audit;
using TalentSphere.Auth.Data;
using TalentSphere.Contracts.Auth;
using TalentSphere.TestKit;

namespace TalentSphere.Auth.Tests;

/// <summary>An auth service with a database of its own: what these tests break, no other test reads.</summary>
public sealed class AuditFixture : AuthFixture;

public sealed class AuditTests(AuditFixture auth) : IClassFixture<AuditFixture>
{
    private const string _path = "/api/v1/auth/audit";

    [Fact]
    public async Task Every_act_is_written_down_with_who_where_and_what_came_of_it()
    {
        var client = auth.Anonymous();
        client.DefaultRequestHeaders.UserAgent.ParseAdd("Browser/7.1");
        var email = AuthFixture.NewEmail();
        var registered = await client.PostAsync("/api/v1/auth/register", new { email, password = Person.Password, name = "Mia" });
        var id = registered.Data["user"]!["id"]!.GetValue<Guid>();
        (await client.PostAsync("/api/v1/auth/register", new { email, password = Person.Password, name = "Mia" })).Code.ShouldBe("AUTH_003");
        await client.PostAsync("/api/v1/auth/login", new { email, password = "violet-harbor-43" });
        var second = await client.PostAsync("/api/v1/auth/login", new { email, password = Person.Password });
        await client.PostAsync("/api/v1/auth/logout", new { refreshToken = second.Data["refreshToken"]!.GetValue<string>() });
        for (var i = 0; i < 5; i++)
            await client.PostAsync("/api/v1/auth/login", new { email, password = "violet-harbor-43" });
        (await client.PostAsync("/api/v1/auth/login", new { email, password = Person.Password })).Code.ShouldBe("AUTH_LOCKED");
        var admin = await AdminAsync();
        await admin.PutAsync($"/api/v1/auth/users/{id}/roles", new { roles = new[] { Roles.JobSeeker, Roles.Instructor } });

        var entries = (await admin.AskAsync($"{_path}?email={email}&limit=100")).Data.AsArray().Reverse().Select(Line).ToList();
        entries.ShouldBe(
        [
            $"account.register succeeded by {id}", "account.register denied by ", "sign-in failed by ", $"sign-in succeeded by {id}",
            .. Enumerable.Repeat("sign-in failed by ", 5), "sign-in locked by ",
        ]);
        var failed = (await admin.AskAsync($"{_path}?act=sign-in&outcome=failed&target={id}&limit=1")).Data[0]!;
        failed["ipAddress"]!.GetValue<string>().ShouldBe("127.0.0.1");
        failed["userAgent"]!.GetValue<string>().ShouldBe("Browser/7.1");
        failed["correlationId"]!.GetValue<string>().ShouldNotBeEmpty();
        (await admin.AskAsync($"{_path}?actor={id}&act=sign-out")).Data.AsArray().Count.ShouldBe(1);
        var roles = (await admin.AskAsync($"{_path}?act=roles.change&target={id}")).Data.AsArray().ShouldHaveSingleItem()!;
        roles["detail"]!.GetValue<string>().ShouldBe("jobseeker -> jobseeker instructor");
        roles["actorId"]!.GetValue<Guid>().ShouldNotBe(id);
        (await admin.AskAsync($"{_path}?act=key.rotate")).Data.AsArray().Count.ShouldBe(1);
        (await CheckAsync(admin))["fault"].ShouldBeNull();

        static string Line(JsonNode? e) => $"{e!["act"]} {e["outcome"]} by {e["actorId"]}";
    }

    [Fact]
    public async Task It_is_searched_page_by_page_and_by_time()
    {
        var admin = await AdminAsync();
        var person = await auth.RegisterAsync();
        for (var i = 0; i < 3; i++)
            await auth.SignInAsync(person.Email, Person.Password);
        var page = await admin.AskAsync($"{_path}?actor={person.Id}&limit=3");
        page.Json["meta"]!["total"]!.GetValue<int>().ShouldBe(4);
        var sequences = page.Data.AsArray().Select(e => e!["sequence"]!.GetValue<long>()).ToList();
        sequences.ShouldBe(sequences.OrderDescending());
        (await admin.AskAsync($"{_path}?actor={person.Id}&limit=3&page=2")).Data.AsArray().ShouldHaveSingleItem()!["act"]!.GetValue<string>().ShouldBe("account.register");
        var at = page.Data[0]!["at"]!.GetValue<string>();
        (await admin.AskAsync($"{_path}?actor={person.Id}&from={at}")).Data.AsArray().Count.ShouldBe(1);
        (await admin.AskAsync($"{_path}?actor={person.Id}&to={at}")).Data.AsArray().Count.ShouldBe(3);

        (await admin.AskAsync(_path + "?act=nonsense")).Fields.ShouldBe(["act"]);
        (await admin.AskAsync(_path + "?outcome=1")).Fields.ShouldBe(["outcome"]);
        (await admin.AskAsync(_path + "?email=%00")).Fields.ShouldBe(["email"]);
        (await admin.AskAsync(_path + "?actor=me")).Status.ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await admin.AskAsync(_path + "?from=yesterday")).Status.ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await admin.AskAsync(_path + "/verification?after=-1")).Status.ShouldBe(HttpStatusCode.UnprocessableEntity);
        foreach (var path in (string[])[_path, _path + "/verification"])
        {
            (await auth.Anonymous().AskAsync(path)).Status.ShouldBe(HttpStatusCode.Unauthorized);
            foreach (var email in SeedAccounts.Development.Where(d => d.Role != Roles.Admin).Select(d => d.Email))
                (await auth.Bearer((await auth.SignInAsync(email, AuthFixture.SeedPassword)).AccessToken).AskAsync(path)).Status.ShouldBe(HttpStatusCode.Forbidden);
        }
    }

    [Fact]
    public async Task Whoever_acts_at_the_same_time_is_numbered_without_a_gap()
    {
        var people = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => auth.RegisterAsync()));
        await Task.WhenAll(people.SelectMany(p => Enumerable.Range(0, 4).Select(i => auth.LoginAsync(p.Email, i % 2 == 0 ? Person.Password : "violet-harbor-43"))));
        foreach (var person in people)
        {
            (await auth.InDatabaseAsync(db => db.AuditEntries.CountAsync(e => e.ActorId == person.Id || e.TargetId == person.Id))).ShouldBe(5);
        }
        var check = await CheckAsync(await AdminAsync());
        check["fault"].ShouldBeNull();
        check["end"]!.ToJsonString().ShouldBe(check["head"]!.ToJsonString());
        (await auth.InDatabaseAsync(db => db.AuditEntries.LongCountAsync())).ShouldBe(check["head"]!["sequence"]!.GetValue<long>());
    }

    [Fact]
    public async Task An_act_that_is_not_committed_leaves_no_entry_and_an_entry_needs_a_transaction()
    {
        var before = await HeadAsync();
        await auth.WithAsync<AuditTrail, bool>(async trail =>
        {
            await Should.ThrowAsync<InvalidOperationException>(() => trail.WriteAsync(new(AuditActs.SignIn, AuditOutcome.Failed, null), default));
            return true;
        });
        await using (var scope = auth.Services.CreateAsyncScope())
        {
            var db = scope.ServiceProvider.GetRequiredService<AuthDbContext>();
            await using var transaction = await db.Database.BeginTransactionAsync();
            await scope.ServiceProvider.GetRequiredService<AuditTrail>().WriteAsync(new(AuditActs.SignIn, AuditOutcome.Failed, null), default);
        }
        (await HeadAsync()).ShouldBe(before);
    }

    [Theory]
    [InlineData("UPDATE audit_entries SET act = 'sign-out'")]
    [InlineData("DELETE FROM audit_entries")]
    [InlineData("TRUNCATE audit_entries CASCADE")]
    [InlineData("UPDATE audit_origins SET ip_address = '10.0.0.1'")]
    [InlineData("UPDATE audit_origins SET subject_id = NULL")]
    [InlineData("DELETE FROM audit_origins")]
    [InlineData("TRUNCATE audit_origins")]
    [InlineData("UPDATE audit_head SET sequence = sequence - 1")]
    [InlineData("DELETE FROM audit_head")]
    [InlineData("TRUNCATE audit_head")]
    public async Task The_services_own_login_can_only_append(string sql)
    {
        await auth.RegisterAsync();
        (await Should.ThrowAsync<PostgresException>(() => ExecuteAsync(sql))).SqlState.ShouldBe("42501");
    }

    [Theory]
    [InlineData("UPDATE audit_entries SET outcome = 'Succeeded' WHERE sequence = {0}", "does not match its hash")]
    [InlineData("UPDATE audit_entries SET actor_id = '01980000-0000-7000-8000-000000000000' WHERE sequence = {0}", "does not match its hash")]
    [InlineData("UPDATE audit_entries SET at = at + interval '1 microsecond' WHERE sequence = {0}", "does not match its hash")]
    [InlineData("UPDATE audit_entries SET detail = '' WHERE sequence = {0}", "does not match its hash")]
    [InlineData("DELETE FROM audit_entries WHERE sequence = {0}", "is missing")]
    [InlineData("DELETE FROM audit_origins WHERE sequence = {0}", "has lost where it came from")]
    [InlineData("UPDATE audit_origins SET ip_address = '10.0.0.1' WHERE sequence = {0}", "names another origin")]
    [InlineData("UPDATE audit_origins SET ip_address = NULL WHERE sequence = {0}", "names another origin")]
    [InlineData("UPDATE audit_origins SET ip_address = NULL, user_agent = NULL, email_digest = NULL, salt = NULL WHERE sequence = {0}", "was blanked, and nobody was erased")]
    [InlineData("DELETE FROM audit_entries WHERE sequence >= {0}", "is missing: the chain ends before its head")]
    [InlineData("UPDATE audit_head SET sequence = {0} - 1", "stands behind the head")]
    public async Task Whoever_gets_round_the_triggers_is_found_out_at_the_first_entry_they_touched(string sql, string reason)
    {
        var person = await auth.RegisterAsync();
        await auth.LoginAsync(person.Email, "violet-harbor-43");
        await auth.RegisterAsync();
        var number = await auth.InDatabaseAsync(db => db.AuditEntries.Where(e => e.TargetId == person.Id && e.Act == AuditActs.SignIn).Select(e => e.Sequence).SingleAsync());
        var admin = await AdminAsync();
        (await CheckAsync(admin))["fault"].ShouldBeNull();
        await using (await TamperedAsync(string.Format(sql, number)))
        {
            var fault = (await CheckAsync(admin))["fault"].ShouldNotBeNull();
            fault["sequence"]!.GetValue<long>().ShouldBe(number);
            fault["reason"]!.GetValue<string>().ShouldStartWith(reason);
        }
        (await CheckAsync(admin))["fault"].ShouldBeNull();
    }

    [Fact]
    public async Task An_entry_that_was_moved_or_rehashed_without_the_key_does_not_hold()
    {
        await auth.RegisterAsync();
        var admin = await AdminAsync();
        var number = await HeadAsync() - 1;
        const string swap = """
            UPDATE audit_entries SET sequence = -1 WHERE sequence = {0};
            UPDATE audit_entries SET sequence = {0} WHERE sequence = {0} + 1;
            UPDATE audit_entries SET sequence = {0} + 1 WHERE sequence = -1;
            """;
        foreach (var sql in (string[])[swap, "UPDATE audit_entries SET act = 'sign-out', hash = sha256(hash) WHERE sequence = {0}"])
        {
            await using (await TamperedAsync(string.Format(sql, number)))
                (await CheckAsync(admin))["fault"]!["sequence"]!.GetValue<long>().ShouldBe(number);
        }
    }

    [Fact]
    public async Task Who_is_erased_leaves_entries_without_an_origin_and_a_chain_that_holds()
    {
        var word = $"w{Guid.CreateVersion7():N}";
        var client = auth.Anonymous();
        client.DefaultRequestHeaders.UserAgent.ParseAdd($"agent-{word}/1.0");
        var email = $"{word}@example.org";
        // Typed before there was such an account: it is theirs all the same.
        await client.PostAsync("/api/v1/auth/login", new { email, password = Person.Password });
        var person = await client.PostAsync("/api/v1/auth/register", new { email, password = Person.Password, name = "Mia" });
        var id = person.Data["user"]!["id"]!.GetValue<Guid>();
        await client.PostAsync("/api/v1/auth/login", new { email, password = "violet-harbor-43" });
        client.DefaultRequestHeaders.Authorization = new("Bearer", person.Data["accessToken"]!.GetValue<string>());
        (await client.RemoveAsync("/api/v1/auth/me", new { password = Person.Password })).Status.ShouldBe(HttpStatusCode.Accepted);

        var admin = await AdminAsync();
        (await CheckAsync(admin))["fault"].ShouldBeNull();
        (await admin.AskAsync($"{_path}?email={email}")).Data.AsArray().Count.ShouldBe(0);
        (await Traces.InDatabaseAsync(auth.ConnectionString, word)).ShouldBeEmpty();
        var left = (await admin.AskAsync($"{_path}?target={id}&limit=100")).Data.AsArray();
        left.Select(e => e!["act"]!.GetValue<string>()).ShouldBe(["account.erase", "sign-in", "account.register"]);
        left.ShouldAllBe(e => e!["ipAddress"] == null && e["userAgent"] == null);
        (await auth.InDatabaseAsync(db => db.AuditOrigins.CountAsync(o => o.SubjectId == id && o.Salt == null))).ShouldBe(4);
    }

    private async Task<HttpClient> AdminAsync() =>
        auth.Bearer((await auth.SignInAsync("admin@talentsphere.example", AuthFixture.SeedPassword)).AccessToken);

    private static async Task<JsonNode> CheckAsync(HttpClient admin)
    {
        var after = 0L;
        while (true)
        {
            var check = (await admin.AskAsync($"{_path}/verification?after={after}")).Data;
            var end = check["end"]!["sequence"]!.GetValue<long>();
            if (check["fault"] is not null || end == check["head"]!["sequence"]!.GetValue<long>())
                return check;
            end.ShouldBeGreaterThan(after);
            after = end;
        }
    }

    private Task<long> HeadAsync() => auth.InDatabaseAsync(db => db.AuditHeads.Select(h => h.Sequence).SingleAsync());

    private Task<int> ExecuteAsync(string sql) => auth.InDatabaseAsync(db => db.Database.ExecuteSqlRawAsync(sql));

    /// <summary>Does what only somebody with more rights than the service can, and undoes it.</summary>
    private async Task<IAsyncDisposable> TamperedAsync(string sql)
    {
        await ExecuteAsync(
            """
            CREATE TABLE kept_entries AS TABLE audit_entries; CREATE TABLE kept_origins AS TABLE audit_origins; CREATE TABLE kept_head AS TABLE audit_head;
            ALTER TABLE audit_entries DISABLE TRIGGER ALL; ALTER TABLE audit_origins DISABLE TRIGGER ALL; ALTER TABLE audit_head DISABLE TRIGGER ALL;
            """ + sql);
        return new Undoing(() => ExecuteAsync(
            """
            DELETE FROM audit_origins; DELETE FROM audit_entries; DELETE FROM audit_head;
            INSERT INTO audit_entries TABLE kept_entries; INSERT INTO audit_origins TABLE kept_origins; INSERT INTO audit_head TABLE kept_head;
            DROP TABLE kept_entries, kept_origins, kept_head;
            ALTER TABLE audit_entries ENABLE TRIGGER ALL; ALTER TABLE audit_origins ENABLE TRIGGER ALL; ALTER TABLE audit_head ENABLE TRIGGER ALL;
            """));
    }

    private sealed class Undoing(Func<Task> undo) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync() => await undo();
    }
}
