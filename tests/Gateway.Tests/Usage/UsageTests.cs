using System.Net;
using Npgsql;
using TalentSphere.Contracts.Auth;
using TalentSphere.Contracts.Gateway;
using TalentSphere.Gateway.Tests.HotConfiguration;
using TalentSphere.TestKit;

namespace TalentSphere.Gateway.Tests.Usage;

/// <summary>Who asked for what, and how often.</summary>
[Collection(OperatedGatewayCollection.Name)]
public sealed class UsageTests(OperatedGateway gateway)
{
    private const string _usage = "/api/v1/admin/gateway/usage";

    [Fact]
    public async Task Requests_are_counted_by_account_route_and_day_over_all_replicas()
    {
        var user = Guid.CreateVersion7();
        foreach (var client in (HttpClient[])[gateway.SignedIn(user, "jobseeker"), gateway.Other.SignedIn(user, "jobseeker")])
        {
            await client.AskAsync("/api/v1/courses");
            await client.AskAsync("/api/v1/courses/7");
            await client.AskAsync("/api/v1/jobs/own-503");
            await client.AskAsync("/api/v1/nothing-of-the-kind");
            await client.AskAsync(_usage);
        }
        await Eventually.SeesAsync(() => RequestsAsync(user), n => n == 10, "ten requests");
        var byRoute = await gateway.Administrator.AskAsync($"{_usage}?user={user}&groupBy=route");
        byRoute.Data.AsArray().Select(r => (r!["route"]!.GetValue<string>(), r["requests"]!.GetValue<long>(), r["clientErrors"]!.GetValue<long>(), r["serverErrors"]!.GetValue<long>()))
            .ShouldBe([("lms", 4, 0, 0), (_usage, 2, 2, 0), ("jobs", 2, 0, 2), ("none", 2, 2, 0)], ignoreOrder: true);
        byRoute.Data[0]!["route"]!.GetValue<string>().ShouldBe("lms");
        byRoute.Json["meta"]!["total"]!.GetValue<int>().ShouldBe(4);

        var today = DateOnly.FromDateTime(DateTime.UtcNow);
        var byDay = (await gateway.Administrator.AskAsync($"{_usage}?user={user}&route=lms&from={today.AddDays(-1):O}&to={today:O}")).Data.AsArray().Single()!;
        byDay["requests"]!.GetValue<long>().ShouldBe(4);
        byDay["maxMs"]!.GetValue<double>().ShouldBeGreaterThanOrEqualTo(byDay["meanMs"]!.GetValue<double>());
        (await gateway.Administrator.AskAsync($"{_usage}?user={user}&to={today.AddDays(-2):O}")).Data.AsArray().ShouldBeEmpty();
        var byUser = await gateway.Administrator.AskAsync($"{_usage}?groupBy=user&limit=100");
        byUser.Data.AsArray().Single(r => r!["user"]!.GetValue<Guid>() == user)!["requests"]!.GetValue<long>().ShouldBe(10);
    }

    [Fact]
    public async Task Whoever_is_not_signed_in_is_nobody()
    {
        var before = await NobodyAsync();
        await gateway.Anonymous().AskAsync("/api/v1/jobs");
        await gateway.WithToken("garbage").AskAsync("/api/v1/jobs");
        await Eventually.SeesAsync(NobodyAsync, n => n >= before + 2, "two requests of nobody");

        async Task<long> NobodyAsync() => (await gateway.Administrator.AskAsync($"{_usage}?user={Guid.Empty}&route=jobs")).Data.AsArray().Sum(r => r!["requests"]!.GetValue<long>());
    }

    [Fact]
    public async Task Counts_wait_while_the_table_cannot_be_written()
    {
        var user = Guid.CreateVersion7();
        await using var database = NpgsqlDataSource.Create(gateway.ConnectionString);
        await using (var away = database.CreateCommand("ALTER TABLE usage_daily RENAME TO usage_away"))
            await away.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        try
        {
            await gateway.SignedIn(user, "jobseeker").AskAsync("/api/v1/courses");
            await Eventually.TrueAsync(() => gateway.Log.Any(l => l.Contains("Usage cannot be written", StringComparison.Ordinal)), "the gateway to say so");
            (await gateway.SignedIn(user, "jobseeker").AskAsync("/api/v1/courses")).Status.ShouldBe(HttpStatusCode.OK);
        }
        finally
        {
            await using var back = database.CreateCommand("ALTER TABLE usage_away RENAME TO usage_daily");
            await back.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }
        await Eventually.SeesAsync(() => RequestsAsync(user), n => n == 2, "both requests");
    }

    [Fact]
    public async Task Whoever_deleted_their_account_is_forgotten_on_every_replica()
    {
        var (user, key) = (Guid.CreateVersion7(), "f-" + Guid.CreateVersion7().ToString("N"));
        await gateway.SignedIn(user, "jobseeker").AskAsync("/api/v1/courses");
        await Eventually.SeesAsync(() => RequestsAsync(user), n => n == 1, "a request");
        await gateway.SignedIn(user, "admin").PutAsync($"/api/v1/admin/gateway/flags/{key}", new
        {
            enabled = true,
            percent = 0,
            rules = new object[] { new { users = new[] { user } }, new { users = new[] { user, gateway.AdministratorId } } },
        });
        await gateway.Events.PublishAsync(new UserDeleted(user));
        (await gateway.Events.ExpectAsync<UserErased>(1, e => e.UserId == user)).Single().Records.ShouldBeGreaterThanOrEqualTo(3);
        (await RequestsAsync(user)).ShouldBe(0);
        var flag = (await gateway.Administrator.AskAsync($"/api/v1/admin/gateway/flags/{key}")).Data;
        flag["rules"]!.AsArray().Single()!["users"]!.AsArray().Single()!.GetValue<Guid>().ShouldBe(gateway.AdministratorId);
        var history = await gateway.Administrator.AskAsync($"/api/v1/admin/gateway/flags/{key}/history");
        history.Body.ShouldNotContain(user.ToString());
        history.Data[0]!["actor"].ShouldBeNull();

        // A request that another replica still counts, and one that comes late, are not written any more; those of others are.
        var other = Guid.CreateVersion7();
        await gateway.Other.SignedIn(user, "jobseeker").AskAsync("/api/v1/courses");
        await gateway.Other.SignedIn(other, "jobseeker").AskAsync("/api/v1/courses");
        await Eventually.SeesAsync(() => RequestsAsync(other), n => n == 1, "the other's request");
        (await RequestsAsync(user)).ShouldBe(0);
    }

    [Fact]
    public async Task What_was_counted_is_written_when_a_replica_ends()
    {
        var user = Guid.CreateVersion7();
        await using (var ending = new GatewayReplica(gateway.RunsWith.Where(s => s.Key != "Usage:Interval").Append(new("Usage:Interval", "00:01:00"))))
        {
            await ending.StartAsync();
            await ending.SignedIn(user, "jobseeker").AskAsync("/api/v1/courses");
            (await RequestsAsync(user)).ShouldBe(0);
        }
        (await RequestsAsync(user)).ShouldBe(1);
    }

    [Fact]
    public async Task Only_administrators_see_it_and_what_they_ask_wrongly_is_named()
    {
        (await gateway.SignedIn(Guid.CreateVersion7(), "ops").AskAsync(_usage)).Status.ShouldBe(HttpStatusCode.Forbidden);
        (await gateway.Administrator.AskAsync($"{_usage}?groupBy=moon")).Fields.ShouldBe(["groupBy"]);
        (await gateway.Administrator.AskAsync($"{_usage}?from=2026-02-01&to=2026-01-01")).Fields.ShouldBe(["to"]);
    }

    private async Task<long> RequestsAsync(Guid user) => (await gateway.Administrator.AskAsync($"{_usage}?user={user}")).Data.AsArray().Sum(r => r!["requests"]!.GetValue<long>());
}
