using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Npgsql;
using TalentSphere.TestKit;

namespace TalentSphere.Gateway.Tests.HotConfiguration;

/// <summary>The configuration changes while the gateway runs, or stays as it is and says why.</summary>
[Collection(OperatedGatewayCollection.Name)]
public sealed class ConfigurationRouteTests(OperatedGateway gateway) : IAsyncLifetime
{
    public const string Path = "/api/v1/admin/gateway/configuration";

    private static readonly TimeSpan _bound = TimeSpan.FromSeconds(5);

    public async ValueTask InitializeAsync()
    {
        // Each begins with what is deployed.
        if ((await gateway.Administrator.AskAsync(Path)).Data["document"]!.AsObject().Count > 0)
            await gateway.Administrator.PostAsync(Path + "/rollback/0");
        await StatusAsync(gateway.Other.Anonymous(), "/api/v1/guilds", HttpStatusCode.NotFound);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task A_new_route_is_in_force_on_every_replica_within_five_seconds_and_gone_after_a_rollback()
    {
        var set = await SetAsync(new { ReverseProxy = new { Routes = new { guilds = Route("/api/v1/guilds/{**rest}", "jobs") } } });
        set.Status.ShouldBe(HttpStatusCode.OK, set.Body);
        foreach (var client in (HttpClient[])[gateway.Anonymous(), gateway.Other.Anonymous()])
            (await StatusAsync(client, "/api/v1/guilds", HttpStatusCode.OK)).Json["service"]!.GetValue<string>().ShouldBe("jobs");
        (await gateway.Anonymous().AskAsync("/api/v1/courses")).Status.ShouldBe(HttpStatusCode.OK);
        var back = await gateway.Administrator.PostAsync(Path + "/rollback/0");
        back.Data["version"]!.GetValue<int>().ShouldBe(set.Data["version"]!.GetValue<int>() + 1);
        foreach (var client in (HttpClient[])[gateway.Anonymous(), gateway.Other.Anonymous()])
            await StatusAsync(client, "/api/v1/guilds", HttpStatusCode.NotFound);
        var again = await gateway.Administrator.PostAsync($"{Path}/rollback/{set.Data["version"]}");
        JsonNode.DeepEquals(again.Data["document"], set.Data["document"]).ShouldBeTrue(again.Body);
        await StatusAsync(gateway.Other.Anonymous(), "/api/v1/guilds", HttpStatusCode.OK);
        (await gateway.Administrator.PostAsync(Path + "/rollback/999999")).Status.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_route_can_be_taken_away_and_a_list_replaced()
    {
        (await SetAsync(new
        {
            ReverseProxy = new
            {
                Routes = new Dictionary<string, object?> { ["gamification"] = null, ["auth-discovery"] = new { Match = new { Methods = new[] { "HEAD" } } } },
            },
        })).Status.ShouldBe(HttpStatusCode.OK);
        await StatusAsync(gateway.Anonymous(), "/api/v1/gamification/badges", HttpStatusCode.NotFound);
        await StatusAsync(gateway.Anonymous(), "/.well-known/jwks.json", HttpStatusCode.MethodNotAllowed);
        await gateway.Administrator.PostAsync(Path + "/rollback/0");
        await StatusAsync(gateway.Anonymous(), "/api/v1/gamification/badges", HttpStatusCode.OK);
        await StatusAsync(gateway.Anonymous(), "/.well-known/jwks.json", HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_bad_change_is_refused_with_every_reason_and_the_old_one_stays()
    {
        await SetAsync(new { ReverseProxy = new { Routes = new { guilds = Route("/api/v1/guilds/{**rest}", "jobs") } } });
        await StatusAsync(gateway.Anonymous(), "/api/v1/guilds", HttpStatusCode.OK);
        var before = await gateway.Administrator.AskAsync(Path);
        var bad = new
        {
            ReverseProxy = new
            {
                Routes = new
                {
                    guilds = Route("/api/v1/guilds/{**", "jobs"),
                    clans = Route("/api/v1/clans", "nobody"),
                    teams = Route("/api/v1/teams", "jobs", policy: "everybody"),
                    alsolms = Route("/api/v1/{x:regex(^(courses|sections|lessons|enrollments|progress|certificates)$)}/{**all}", "jobs"),
                },
                Clusters = new { lms = new { HttpRequest = new { ActivityTimeout = "soon" } }, empty = new { LoadBalancingPolicy = "Whim" } },
            },
        };
        foreach (var answer in (Answer[])[await SetAsync(bad), await gateway.Administrator.PostAsync(Path + "/validate", new { document = Written(bad) })])
        {
            answer.Status.ShouldBe(HttpStatusCode.UnprocessableEntity);
            answer.Code.ShouldBe("CONFIGURATION_REFUSED");
            answer.Fields.ShouldContain("ReverseProxy:Routes:guilds");
            answer.Fields.ShouldContain("ReverseProxy:Routes:teams");
            answer.Fields.ShouldContain("ReverseProxy:Routes:lms");
            answer.Fields.ShouldContain("ReverseProxy:Clusters:lms");
            answer.Fields.ShouldContain("ReverseProxy:Clusters:empty");
        }
        var after = await gateway.Administrator.AskAsync(Path);
        after.Tag().ShouldBe(before.Tag());
        after.Data["document"]!.ToJsonString().ShouldBe(before.Data["document"]!.ToJsonString());
        (await gateway.Anonymous().AskAsync("/api/v1/guilds")).Status.ShouldBe(HttpStatusCode.OK);
        (await gateway.Anonymous().AskAsync("/api/v1/courses")).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_cluster_that_no_route_can_find_is_named()
    {
        var answer = await SetAsync(new { ReverseProxy = new { Routes = new { clans = Route("/api/v1/clans", "nobody") } } });
        answer.Fields.ShouldBe(["ReverseProxy:Routes:clans:ClusterId"]);
    }

    public static TheoryData<string, string> Dangerous => new()
    {
        { """{"ReverseProxy":{"Clusters":{"lms":{"Destinations":{"lms":{"Address":"http://evil.example"}}}}}}""", "ReverseProxy:Clusters:lms:Destinations:lms:Address" },
        { """{"ReverseProxy":{"Clusters":{"lms":{"Destinations":{"lms":{"Address":"http://169.254.169.254"}}}}}}""", "ReverseProxy:Clusters:lms:Destinations:lms:Address" },
        { """{"ReverseProxy":{"Clusters":{"lms":{"Destinations":{"lms":{"Address":"http://auth/internal"}}}}}}""", "ReverseProxy:Clusters:lms:Destinations:lms:Address" },
        { """{"ReverseProxy":{"Clusters":{"lms":{"Destinations":{"lms":{"Health":"http://127.0.0.1:5432"}}}}}}""", "ReverseProxy:Clusters:lms:Destinations:lms:Health" },
        { """{"ReverseProxy":{"Clusters":{"lms":{"HttpClient":{"WebProxy":{"Address":"http://evil.example"}}}}}}""", "ReverseProxy:Clusters:lms:HttpClient:WebProxy:Address" },
        { """{"ReverseProxy":{"Routes":{"lms":{"Order":-1}}}}""", "ReverseProxy:Routes:lms:Order" },
        { """{"ReverseProxy":{"Routes":{"lms":{"Match":{"Path":"/{**everything}"}}}}}""", "ReverseProxy:Routes:lms:Match:Path" },
        { """{"ReverseProxy":{"Routes":{"lms":{"Match":{"Path":"/api/v1/admin/gateway/configuration"}}}}}""", "ReverseProxy:Routes:lms:Match:Path" },
        { """{"ReverseProxy":{"Routes":{"lms":{"Transforms":[{"PathSet":"/internal/revocations"}]}}}}""", "ReverseProxy:Routes:lms:Transforms:0:PathSet" },
        { """{"ReverseProxy":{"Routes":{"lms":{"Transforms":[{"RequestHeader":"x-user-id","Set":"1"}]}}}}""", "ReverseProxy:Routes:lms:Transforms:0:RequestHeader" },
        { """{"Auth":{"Issuer":"https://evil.example"}}""", "Auth" },
        { """{"ConnectionStrings":{"gateway":"Host=evil.example"}}""", "ConnectionStrings" },
        { """{"ReverseProxy":[1]}""", "ReverseProxy" },
        { """{"ReverseProxy":{},"reverseproxy":{}}""", "ReverseProxy" },
        { """{"ReverseProxy":{"Routes":{"lms":{"ClusterId":"\u0000"}}}}""", "document" },
        { """{"ReverseProxy":{"Routes":{"lms":{"ClusterId":"\ud800"}}}}""", "document" },
        { """{"ReverseProxy":{"Routes":{"lms":{"Order":1e999999}}}}""", "document" },
        { "[]", "document" },
        { """{"ReverseProxy":{"Routes":{"lms":{"ClusterId":null}}}}""", "ReverseProxy:Routes:lms:ClusterId" },
        { """{"ReverseProxy":{"Routes":{"lms":{"a:b":1,"Order":1,"order":2}}}}""", "ReverseProxy:Routes:lms:a:b" },
        { """{"ReverseProxy":{"Routes":{"lms":{"Order":1,"order":2}}}}""", "ReverseProxy:Routes:lms:Order" },
        { """{"ReverseProxy":{"Routes":{"a b":{"ClusterId":"lms","AuthorizationPolicy":"anonymous","Match":{"Path":"/api/v1/a"}}}}}""", "ReverseProxy:Routes:a b" },
        { """{"ReverseProxy":{"Routes":{"a":{"ClusterId":"lms","Match":{"Path":"/api/v1/a"}}}}}""", "ReverseProxy:Routes:a:AuthorizationPolicy" },
    };

    [Theory]
    [MemberData(nameof(Dangerous))]
    public async Task What_would_send_tokens_elsewhere_or_shut_the_administration_out_is_refused(string document, string field)
    {
        var answer = await gateway.Administrator.ReadAsync(new(HttpMethod.Put, Path) { Content = new StringContent($$"""{"document":{{document}}}""", Encoding.UTF8, "application/json") });
        answer.Status.ShouldBe(HttpStatusCode.UnprocessableEntity, answer.Body);
        answer.Fields.ShouldContain(field);
    }

    [Fact]
    public async Task A_stale_change_is_refused()
    {
        var read = await gateway.Administrator.AskAsync(Path);
        var document = new { document = new { ReverseProxy = new { } }, note = "nothing much" };
        var first = await gateway.Administrator.SendIfMatchAsync(HttpMethod.Put, Path, read.Tag(), document);
        first.Status.ShouldBe(HttpStatusCode.OK, first.Body);
        (await gateway.Administrator.SendIfMatchAsync(HttpMethod.Put, Path, read.Tag(), document)).Status.ShouldBe(HttpStatusCode.PreconditionFailed);
        var history = (await gateway.SignedIn(Guid.CreateVersion7(), "ops").AskAsync(Path + "/history?limit=1")).Data.AsArray();
        history.Single()!.ShouldSatisfyAllConditions(
            v => v["note"]!.GetValue<string>().ShouldBe("nothing much"), v => v["actor"]!.GetValue<Guid>().ShouldBe(gateway.AdministratorId),
            v => v["version"]!.ToJsonString().ShouldBe(first.Data["version"]!.ToJsonString()));
    }

    [Fact]
    public async Task Only_administrators_change_it()
    {
        var operators = gateway.SignedIn(Guid.CreateVersion7(), "ops");
        (await operators.AskAsync(Path)).Status.ShouldBe(HttpStatusCode.OK);
        (await operators.PutAsync(Path, new { document = new { } })).Status.ShouldBe(HttpStatusCode.Forbidden);
        (await operators.PostAsync(Path + "/rollback/0")).Status.ShouldBe(HttpStatusCode.Forbidden);
        (await gateway.Anonymous().AskAsync(Path)).Status.ShouldBe(HttpStatusCode.Unauthorized);
        (await gateway.Administrator.PutAsync(Path, new { note = "no document" })).Fields.ShouldBe(["document"]);
    }

    [Fact]
    public async Task A_stored_overlay_that_is_no_longer_good_is_ignored_and_health_says_so()
    {
        var number = (await gateway.Administrator.AskAsync(Path)).Data["version"]!.GetValue<int>() + 1;
        await using (var database = NpgsqlDataSource.Create(gateway.ConnectionString))
        {
            await using var command = database.CreateCommand("INSERT INTO configuration_versions (number, document, at) VALUES ($1, $2::jsonb, now())");
            command.Parameters.Add(new() { Value = number });
            command.Parameters.Add(new() { Value = """{"ReverseProxy":{"Routes":{"lms":{"ClusterId":"gone"}}}}""" });
            await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }
        // Nobody was notified: it is found by looking.
        await Eventually.TrueAsync(async () => await HealthAsync() == "degraded", "the health to be degraded", _bound);
        var view = (await gateway.Administrator.AskAsync(Path)).Data;
        (view["version"]!.GetValue<int>(), view["inForce"]!.GetValue<int>()).ShouldBe((number, number - 1));
        view["refused"]!.AsArray().Single()!["field"]!.GetValue<string>().ShouldBe("ReverseProxy:Routes:lms:ClusterId");
        (await gateway.Anonymous().AskAsync("/api/v1/courses")).Status.ShouldBe(HttpStatusCode.OK);
        (await gateway.Anonymous().GetAsync("/ready")).StatusCode.ShouldBe(HttpStatusCode.OK);
        await gateway.Administrator.PostAsync(Path + "/rollback/0");
        (await HealthAsync()).ShouldBe("ok");
    }

    [Fact]
    public async Task A_file_that_goes_bad_changes_nothing_and_one_that_is_good_is_taken()
    {
        var good = await File.ReadAllTextAsync(gateway.SettingsFile, TestContext.Current.CancellationToken);
        try
        {
            await WriteAsync(good, settings =>
            {
                settings["ReverseProxy"]!["Routes"]!["fromfile"] = JsonSerializer.SerializeToNode(Route("/api/v1/from-file", "jobs"));
                settings["ReverseProxy"]!["Routes"]!["fromfile"]!["ClusterId"] = "nobody";
                settings["ReverseProxy"]!["Routes"]!["lms"]!["ClusterId"] = "gone";
            });
            await Eventually.TrueAsync(async () => await HealthAsync() == "degraded", "the file to be refused");
            gateway.Log.ShouldContain(l => l.Contains("appsettings.json is refused", StringComparison.Ordinal)
                && l.Contains("names no cluster: nobody", StringComparison.Ordinal) && l.Contains("names no cluster: gone", StringComparison.Ordinal));
            (await gateway.Anonymous().AskAsync("/api/v1/courses")).Status.ShouldBe(HttpStatusCode.OK);
            (await gateway.Anonymous().AskAsync("/api/v1/from-file")).Status.ShouldBe(HttpStatusCode.NotFound);

            await File.WriteAllTextAsync(gateway.SettingsFile, "{ \"ReverseProxy\": ", TestContext.Current.CancellationToken);
            await Eventually.TrueAsync(() => gateway.Log.Count(l => l.Contains("appsettings.json is refused", StringComparison.Ordinal)) > 1, "half a file to be refused");
            (await gateway.Anonymous().AskAsync("/api/v1/courses")).Status.ShouldBe(HttpStatusCode.OK);

            await WriteAsync(good, settings => settings["ReverseProxy"]!["Routes"]!["fromfile"] = JsonSerializer.SerializeToNode(Route("/api/v1/from-file", "jobs")));
            (await StatusAsync(gateway.Anonymous(), "/api/v1/from-file", HttpStatusCode.OK)).Json["service"]!.GetValue<string>().ShouldBe("jobs");
            await Eventually.TrueAsync(async () => await HealthAsync() == "ok", "the health to be good again");
            File.Delete(gateway.SettingsFile);
            await Eventually.TrueAsync(async () => await HealthAsync() == "degraded", "a file that is gone to be refused");
            (await gateway.Anonymous().AskAsync("/api/v1/from-file")).Status.ShouldBe(HttpStatusCode.OK);
        }
        finally
        {
            await File.WriteAllTextAsync(gateway.SettingsFile, good, TestContext.Current.CancellationToken);
            await StatusAsync(gateway.Anonymous(), "/api/v1/from-file", HttpStatusCode.NotFound);
        }
    }

    private static object Route(string path, string cluster, string policy = "token-if-any") =>
        new { ClusterId = cluster, AuthorizationPolicy = policy, Match = new { Path = path } };

    private async Task WriteAsync(string good, Action<JsonNode> change)
    {
        var settings = JsonNode.Parse(good)!;
        change(settings);
        await File.WriteAllTextAsync(gateway.SettingsFile, settings.ToJsonString(), TestContext.Current.CancellationToken);
    }

    private Task<Answer> SetAsync(object document) => gateway.Administrator.PutAsync(Path, new { document = Written(document) });

    // As it is written: names in the reasons are the document's.
    private static JsonNode Written(object document) => document as JsonNode ?? JsonSerializer.SerializeToNode(document)!;

    private async Task<string> HealthAsync()
    {
        using var response = await gateway.Administrator.GetAsync("/health/deep");
        return JsonNode.Parse(await response.Content.ReadAsStringAsync())!["checks"]!["configuration"]!["status"]!.GetValue<string>();
    }

    private static Task<Answer> StatusAsync(HttpClient client, string path, HttpStatusCode status) =>
        Eventually.SeesAsync(() => client.AskAsync(path), a => a.Status == status, $"{path} to be {(int)status}", _bound);
}
