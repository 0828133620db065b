using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using TalentSphere.Gateway.Edge.ResponseCaching;
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
                Routes = new Dictionary<string, object?> { ["gamification"] = null, ["challenges-import"] = new { Match = new { Methods = new[] { "PUT" } } } },
            },
        })).Status.ShouldBe(HttpStatusCode.OK);
        await StatusAsync(gateway.Anonymous(), "/api/v1/gamification/badges", HttpStatusCode.NotFound);
        await LimitAsync(HttpMethod.Put, "/api/v1/challenges/import", "submission");
        await LimitAsync(HttpMethod.Post, "/api/v1/challenges/import", null);
        await gateway.Administrator.PostAsync(Path + "/rollback/0");
        await StatusAsync(gateway.Anonymous(), "/api/v1/gamification/badges", HttpStatusCode.OK);
        await LimitAsync(HttpMethod.Post, "/api/v1/challenges/import", "submission");
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
    public async Task A_limit_and_the_route_that_names_it_can_come_in_one_change()
    {
        var cache = gateway.Services.GetRequiredService<CacheTags>();
        // More than once: those who follow the configuration are told in another order each time.
        foreach (var limit in (string[])["narrow", "wide", "narrow"])
        {
            var before = cache.Everything.Generation;
            var set = await SetAsync(new
            {
                Limits = new { Policies = new Dictionary<string, object> { [limit] = new { Permits = 4, Window = "00:01:00" } } },
                ReverseProxy = new { Routes = new { jobs = new { Metadata = new { Limit = limit } } } },
            });
            set.Status.ShouldBe(HttpStatusCode.OK, set.Body);
            set.Data["refused"]!.AsArray().ShouldBeEmpty();
            await LimitAsync(HttpMethod.Get, "/api/v1/jobs", limit);
            await Eventually.TrueAsync(() => cache.Everything.Generation > before, "what was kept of other routes to be forgotten");
            await gateway.Administrator.PostAsync(Path + "/rollback/0");
            await LimitAsync(HttpMethod.Get, "/api/v1/jobs", null);
        }
    }

    [Fact]
    public async Task What_was_refused_is_taken_once_the_files_below_it_are_good_for_it()
    {
        var good = await File.ReadAllTextAsync(gateway.SettingsFile, TestContext.Current.CancellationToken);
        var number = await StoreAsync("""{"ReverseProxy":{"Routes":{"lms":{"ClusterId":"later"}}}}""");
        await Eventually.TrueAsync(async () => await HealthAsync() == "degraded", "the overlay to be refused", _bound);
        try
        {
            await WriteAsync(good, settings => settings["ReverseProxy"]!["Clusters"]!["later"] = JsonNode.Parse("""{"Destinations":{"jobs":{"Address":"http://jobs"}}}"""));
            await Eventually.SeesAsync(
                async () => (await gateway.Administrator.AskAsync(Path)).Data["inForce"]!.GetValue<int>(), inForce => inForce == number, "the overlay to be in force");
            (await StatusAsync(gateway.Anonymous(), "/api/v1/courses", HttpStatusCode.OK)).Json["service"]!.GetValue<string>().ShouldBe("jobs");
            await Eventually.TrueAsync(async () => await HealthAsync() == "ok", "the health to be good again");
        }
        finally
        {
            await gateway.Administrator.PostAsync(Path + "/rollback/0");
            await File.WriteAllTextAsync(gateway.SettingsFile, good, TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task A_token_that_has_expired_is_refused_as_such_where_a_flag_is_asked_for()
    {
        (await SetAsync(new { ReverseProxy = new { Routes = new { jobs = new { Metadata = new { Flag = "not-there" } } } } })).Status.ShouldBe(HttpStatusCode.OK);
        await StatusAsync(gateway.Anonymous(), "/api/v1/jobs", HttpStatusCode.NotFound);
        var expired = await gateway.WithToken(TestTokens.Mint(Guid.CreateVersion7(), ["employer"], TimeSpan.FromMinutes(-10))).AskAsync("/api/v1/jobs");
        (expired.Status, expired.Code).ShouldBe((HttpStatusCode.Unauthorized, "AUTH_002"));
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
        { """{"ReverseProxy":{"Clusters":{"auth":{"Destinations":{"auth":{"Address":"http://jobs"}}}}}}""", "ReverseProxy:Clusters:auth" },
        { """{"ReverseProxy":{"Routes":{"auth-session":{"Metadata":{"Flag":"none"}}}}}""", "ReverseProxy:Routes:auth-session" },
        { """{"ReverseProxy":{"Routes":{"auth-sign-in":null}}}""", "ReverseProxy:Routes:auth-sign-in" },
        { """{"ReverseProxy":{"Routes":{"x":{"ClusterId":"jobs","AuthorizationPolicy":"anonymous","Match":{"Path":"/api/v1/auth/login"}}}}}""", "ReverseProxy:Routes:x:Match:Path" },
        { """{"ReverseProxy":{"Routes":{"x":{"ClusterId":"jobs","AuthorizationPolicy":"anonymous","Match":{"Path":"/api/v1/status"}}}}}""", "ReverseProxy:Routes:x:Match:Path" },
        { """{"ReverseProxy":{"Clusters":{"jobs":{"Metadata":{"Service":"evil.example"}}}}}""", "ReverseProxy:Clusters:jobs:Metadata:Service" },
        { """{"ReverseProxy":{"Clusters":{"evil.example":{"LoadBalancingPolicy":"Random"}}}}""", "ReverseProxy:Clusters:evil.example:LoadBalancingPolicy" },
        { """{"ReverseProxy":{"Routes":[{"ClusterId":"jobs","AuthorizationPolicy":"anonymous","Match":{"Path":"/api/v1/jobs"}}]}}""", "ReverseProxy:Routes" },
        { """{"Limits":{"Policies":{"user":{"Permits":1}}}}""", "Limits:Policies:user:Permits" },
        { """{"Limits":{"Policies":{"user":{"Permits":"+1"}}}}""", "Limits:Policies:user:Permits" },
        { """{"Limits":{"Policies":{"anonymous":{"Window":"1.00:00:00"}}}}""", "Limits:Policies:anonymous:Window" },
        { """{"ReverseProxy":{"Routes":{"lms":{"Order":1e-20000}}}}""", "document" },
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
        var number = await StoreAsync("""{"ReverseProxy":{"Routes":{"lms":{"ClusterId":"gone"}}}}""");
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

    /// <summary>Stores an overlay past every check, as one was that was good when it was set.</summary>
    private async Task<int> StoreAsync(string document)
    {
        var number = (await gateway.Administrator.AskAsync(Path)).Data["version"]!.GetValue<int>() + 1;
        await using var database = NpgsqlDataSource.Create(gateway.ConnectionString);
        await using var command = database.CreateCommand("INSERT INTO configuration_versions (number, document, at) VALUES ($1, $2::jsonb, now())");
        command.Parameters.Add(new() { Value = number });
        command.Parameters.Add(new() { Value = document });
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        return number;
    }

    /// <summary>Waits until a request stands under a route's limit, or under none.</summary>
    private async Task LimitAsync(HttpMethod method, string path, string? limit)
    {
        var user = gateway.SignedIn(Guid.CreateVersion7(), "instructor");
        await Eventually.SeesAsync(
            async () => string.Join(", ", (await user.ReadAsync(new HttpRequestMessage(method, path))).Headers.GetValues("RateLimit-Policy")),
            policies => limit is null ? policies.Count(c => c == ';') == 2 : policies.Contains($"\"{limit}\"", StringComparison.Ordinal), $"the limit {limit ?? "of the caller alone"}");
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
