using System.Net;
using System.Text.Json.Nodes;
using Npgsql;
using TalentSphere.Gateway.Tests.HotConfiguration;
using TalentSphere.TestKit;

namespace TalentSphere.Gateway.Tests.Flags;

/// <summary>Flags over HTTP: who sets them, who reads them, and when they are in force.</summary>
[Collection(OperatedGatewayCollection.Name)]
public sealed class FlagRouteTests(OperatedGateway gateway)
{
    private const string _flags = "/api/v1/admin/gateway/flags";

    [Fact]
    public async Task A_flag_is_in_force_on_every_replica_within_five_seconds()
    {
        var key = NewKey();
        (await gateway.Administrator.PutAsync($"{_flags}/{key}", new { enabled = true })).Status.ShouldBe(HttpStatusCode.Created);
        (await IsOnAsync(gateway.Anonymous(), key)).ShouldBeTrue();
        await Eventually.TrueAsync(() => IsOnAsync(gateway.Other.Anonymous(), key), "the flag on the other replica", TimeSpan.FromSeconds(5));
        (await gateway.Administrator.PutAsync($"{_flags}/{key}", new { enabled = false })).Status.ShouldBe(HttpStatusCode.OK);
        await Eventually.TrueAsync(async () => !await IsOnAsync(gateway.Other.Anonymous(), key), "the switch on the other replica", TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task A_flag_is_the_same_for_somebody_on_every_replica()
    {
        var key = NewKey();
        await gateway.Administrator.PutAsync($"{_flags}/{key}", new { enabled = true, percent = 50, variants = new[] { new { name = "red", weight = 50, value = new { colour = "#f00" } } } });
        await Eventually.TrueAsync(async () => (await gateway.Other.Anonymous().AskAsync("/api/v1/flags")).Data[key] is not null, "the flag on the other replica");
        var seen = new HashSet<string>();
        for (var i = 0; i < 20; i++)
        {
            var user = Guid.CreateVersion7();
            var (here, there) = (await FlagAsync(gateway.SignedIn(user, "jobseeker"), key), await FlagAsync(gateway.Other.SignedIn(user, "jobseeker"), key));
            here.ToJsonString().ShouldBe(there.ToJsonString());
            seen.Add(here.ToJsonString());
        }
        seen.Count.ShouldBeGreaterThan(1);
        seen.ShouldBeSubsetOf(["""{"on":false,"variant":null,"value":null}""", """{"on":true,"variant":null,"value":null}""", """{"on":true,"variant":"red","value":{"colour":"#f00"}}"""]);
    }

    [Fact]
    public async Task While_the_database_cannot_be_read_flags_stay_as_they_were()
    {
        var key = NewKey();
        await gateway.Administrator.PutAsync($"{_flags}/{key}", new { enabled = true });
        await using var database = NpgsqlDataSource.Create(gateway.ConnectionString);
        await using (var away = database.CreateCommand("ALTER TABLE feature_flags RENAME TO flags_away"))
            await away.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        try
        {
            await Eventually.TrueAsync(() => gateway.Log.Any(l => l.Contains("what was read last stays", StringComparison.Ordinal)), "the gateway to say so");
            (await IsOnAsync(gateway.Anonymous(), key)).ShouldBeTrue();
        }
        finally
        {
            await using var back = database.CreateCommand("ALTER TABLE flags_away RENAME TO feature_flags");
            await back.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }
        await gateway.Administrator.PutAsync($"{_flags}/{key}", new { enabled = false });
        await Eventually.TrueAsync(async () => !await IsOnAsync(gateway.Other.Anonymous(), key), "the switch on the other replica", TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task What_a_flag_is_for_a_caller_enters_no_cache()
    {
        using var response = await gateway.Anonymous().GetAsync("/api/v1/flags");
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        response.Headers.CacheControl!.ToString().ShouldBe("no-store, private");
    }

    [Fact]
    public async Task A_flag_that_is_not_for_clients_is_not_told_to_them()
    {
        var key = NewKey();
        await gateway.Administrator.PutAsync($"{_flags}/{key}", new { enabled = true, clientVisible = false });
        (await gateway.Anonymous().AskAsync("/api/v1/flags")).Data[key].ShouldBeNull();
    }

    [Fact]
    public async Task A_stale_change_is_refused()
    {
        var key = NewKey();
        var made = await gateway.Administrator.PutAsync($"{_flags}/{key}", new { enabled = true, percent = 10 });
        var changed = await gateway.Administrator.SendIfMatchAsync(HttpMethod.Put, $"{_flags}/{key}", made.Tag(), new { enabled = true, percent = 20 });
        changed.Status.ShouldBe(HttpStatusCode.OK, changed.Body);
        (await gateway.Administrator.SendIfMatchAsync(HttpMethod.Put, $"{_flags}/{key}", made.Tag(), new { enabled = true, percent = 30 })).Status.ShouldBe(HttpStatusCode.PreconditionFailed);
        (await gateway.Administrator.SendIfMatchAsync(HttpMethod.Delete, $"{_flags}/{key}", made.Tag())).Status.ShouldBe(HttpStatusCode.PreconditionFailed);
        var read = await gateway.Administrator.AskAsync($"{_flags}/{key}");
        read.Tag().ShouldBe(changed.Tag());
        read.Data["percent"]!.GetValue<decimal>().ShouldBe(20);
        (await gateway.Administrator.SendIfMatchAsync(HttpMethod.Delete, $"{_flags}/{key}", changed.Tag())).Status.ShouldBe(HttpStatusCode.NoContent);
        (await gateway.Administrator.AskAsync($"{_flags}/{key}")).Status.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Every_change_is_kept_with_who_made_it()
    {
        var key = NewKey();
        await gateway.Administrator.PutAsync($"{_flags}/{key}", new { enabled = true, percent = 10 });
        await gateway.Administrator.PutAsync($"{_flags}/{key}", new { enabled = true, percent = 20 });
        await gateway.Administrator.RemoveAsync($"{_flags}/{key}");
        var history = (await gateway.SignedIn(Guid.CreateVersion7(), "ops").AskAsync($"{_flags}/{key}/history")).Data.AsArray();
        history.Select(c => (c!["from"]?["percent"]?.GetValue<decimal>(), c["to"]?["percent"]?.GetValue<decimal>())).ShouldBe([(20, null), (10, 20), (null, 10)]);
        history.ShouldAllBe(c => c!["actor"]!.GetValue<Guid>() == gateway.AdministratorId);
    }

    [Fact]
    public async Task Everything_that_is_wrong_with_a_flag_is_named()
    {
        var answer = await gateway.Administrator.PutAsync($"{_flags}/Bad Key", new { percent = 101, rules = new object[] { new { } }, variants = new[] { new { name = "A", weight = 1 } } });
        answer.Status.ShouldBe(HttpStatusCode.UnprocessableEntity);
        answer.Fields.ShouldBe(["enabled", "key", "percent", "rules[0]", "variants[0].name"]);
        (await gateway.Administrator.PostTextAsync($"{_flags}/x", "{")).Status.ShouldBe(HttpStatusCode.MethodNotAllowed);
    }

    [Theory]
    [InlineData("GET", "", "ops", 200)]
    [InlineData("GET", "", "employer", 403)]
    [InlineData("GET", "", null, 401)]
    [InlineData("PUT", "/x-unset", "ops", 403)]
    [InlineData("DELETE", "/x-unset", "ops", 403)]
    [InlineData("DELETE", "/x-unset", "admin", 404)]
    [InlineData("GET", "/x-unset/evaluate", "ops", 404)]
    [InlineData("GET", "/x-unset/history", "ops", 404)]
    public async Task Administrators_set_flags_and_operators_read_them(string method, string path, string? role, int status)
    {
        var client = role is null ? gateway.Anonymous() : gateway.SignedIn(Guid.CreateVersion7(), role);
        var request = new HttpRequestMessage(new HttpMethod(method), _flags + path);
        if (method == "PUT")
            request.Content = new StringContent("""{"enabled":true}""", System.Text.Encoding.UTF8, "application/json");
        ((int)(await client.ReadAsync(request)).Status).ShouldBe(status);
    }

    [Fact]
    public async Task An_evaluation_is_explained()
    {
        var (key, user) = (NewKey(), Guid.CreateVersion7());
        await gateway.Administrator.PutAsync($"{_flags}/{key}", new
        {
            enabled = true,
            percent = 0,
            rules = new object[] { new { roles = new[] { "employer" }, tenants = new[] { "acme" }, variant = "red" } },
            variants = new[] { new { name = "red", weight = 10 } },
        });
        var targeted = (await gateway.Administrator.AskAsync($"{_flags}/{key}/evaluate?user={user}&roles=jobseeker,employer&tenant=acme")).Data;
        (targeted["on"]!.GetValue<bool>(), targeted["reason"]!.GetValue<string>(), targeted["rule"]!.GetValue<int>(), targeted["variant"]!.GetValue<string>()).ShouldBe((true, "rule", 0, "red"));
        var other = (await gateway.Administrator.AskAsync($"{_flags}/{key}/evaluate?user={user}&roles=employer")).Data;
        (other["on"]!.GetValue<bool>(), other["reason"]!.GetValue<string>()).ShouldBe((false, "percentage"));
        other["bucket"]!.GetValue<int>().ShouldBeInRange(0, 9999);
        (await gateway.Administrator.AskAsync($"{_flags}/{key}/evaluate")).Data["reason"]!.GetValue<string>().ShouldBe("no-identity");
    }

    [Fact]
    public async Task A_route_with_a_flag_is_there_for_those_who_have_it_only()
    {
        var key = NewKey();
        var (in_, out_) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        var set = await gateway.Administrator.PutAsync(ConfigurationRouteTests.Path, new
        {
            document = new { ReverseProxy = new { Routes = new { lms = new { Metadata = new { Flag = key } } } } },
        });
        set.Status.ShouldBe(HttpStatusCode.OK, set.Body);
        try
        {
            await Eventually.SeesAsync(() => gateway.SignedIn(in_, "jobseeker").AskAsync("/api/v1/courses"), a => a.Status == HttpStatusCode.NotFound, "a flag that does not exist to close the route");
            await gateway.Administrator.PutAsync($"{_flags}/{key}", new { enabled = true, percent = 0, rules = new[] { new { users = new[] { in_ } } } });
            (await gateway.SignedIn(in_, "jobseeker").AskAsync("/api/v1/courses")).ShouldSatisfyAllConditions(
                a => a.Status.ShouldBe(HttpStatusCode.OK), a => a.Headers.CacheControl!.ToString().ShouldBe("no-store, private"));
            (await gateway.SignedIn(out_, "jobseeker").AskAsync("/api/v1/courses")).ShouldSatisfyAllConditions(
                a => a.Status.ShouldBe(HttpStatusCode.NotFound), a => a.Code.ShouldBe("NOT_FOUND"), a => a.Headers.CacheControl!.NoStore.ShouldBeTrue());
            (await gateway.Anonymous().AskAsync("/api/v1/courses")).Status.ShouldBe(HttpStatusCode.NotFound);
            (await gateway.Anonymous().AskAsync("/api/v1/jobs")).Status.ShouldBe(HttpStatusCode.OK);
        }
        finally
        {
            await gateway.Administrator.PostAsync(ConfigurationRouteTests.Path + "/rollback/0");
        }
    }

    private static string NewKey() => "f-" + Guid.CreateVersion7().ToString("N");

    private static async Task<JsonNode> FlagAsync(HttpClient client, string key) =>
        (await client.AskAsync("/api/v1/flags")).Data[key] ?? throw new InvalidOperationException("no such flag");

    private static async Task<bool> IsOnAsync(HttpClient client, string key) => (await client.AskAsync("/api/v1/flags")).Data[key]?["on"]?.GetValue<bool>() == true;
}
