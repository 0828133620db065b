using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Text.Json;
using TalentSphere.TestKit;

namespace TalentSphere.Mesh.Tests;

/// <summary>What is decided in auth holds at the gateway and in every service, at once and without a wrong answer on the way.</summary>
public sealed class RevocationTests(MeshFixture mesh)
{
    // One closed route of each service that everybody who is signed in may ask.
    private static readonly Dictionary<string, string> _routes = new()
    {
        ["auth"] = "/api/v1/auth/me",
        ["lms"] = "/api/v1/enrollments",
        ["challenges"] = "/api/v1/submissions",
        ["jobs"] = "/api/v1/applications",
        ["gamification"] = "/api/v1/gamification/me",
        ["notification"] = "/api/v1/notifications",
    };

    [Fact]
    public async Task A_token_of_an_ended_session_is_refused_by_the_gateway_and_by_every_service_within_30_s_and_no_other_token_is()
    {
        var ended = await mesh.RegisterAsync("jobseeker");
        var other = await mesh.SignInAsync(ended.Email, ended.Password);
        var places = await PlacesAsync();
        foreach (var (place, uri) in places)
            (await AskAsync(uri, ended.Token)).ShouldBe(HttpStatusCode.OK, place);

        using var client = mesh.WithToken(ended.Token);
        (await client.PostAsync("/api/v1/auth/logout", new { })).Status.ShouldBe(HttpStatusCode.NoContent);
        var watch = Stopwatch.StartNew();
        foreach (var (place, uri) in places)
        {
            await Eventually.SeesAsync(() => AskAsync(uri, ended.Token), s => s == HttpStatusCode.Unauthorized, $"{place} to refuse the token", TimeSpan.FromSeconds(30));
            (await AskAsync(uri, other.Token)).ShouldBe(HttpStatusCode.OK, place);
        }
        watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task Signing_out_closes_the_sockets_of_that_session_and_no_others()
    {
        var ended = await mesh.RegisterAsync("jobseeker");
        var elsewhere = await mesh.SignInAsync(ended.Email, ended.Password);
        var other = await mesh.RegisterAsync("jobseeker");
        var status = await mesh.Command.StatusAsync();
        var closing = new List<HubClient>();
        var staying = new List<HubClient>();
        try
        {
            foreach (var (service, hub) in ((string, string)[])[("notification", "/hubs/notifications"), ("challenges", "/hubs/challenges")])
            {
                foreach (var address in (Uri[])[mesh.Gateway, new(status.Resources.Single(r => r.Name == service).Urls![0])])
                {
                    closing.Add(await HubClient.OpenAsync(address, ended.Token, hub));
                    staying.Add(await HubClient.OpenAsync(address, elsewhere.Token, hub));
                    staying.Add(await HubClient.OpenAsync(address, other.Token, hub));
                }
            }
            closing.Concat(staying).ShouldAllBe(c => !c.IsClosed);

            using var client = mesh.WithToken(ended.Token);
            (await client.PostAsync("/api/v1/auth/logout", new { })).Status.ShouldBe(HttpStatusCode.NoContent);
            await Eventually.TrueAsync(() => closing.TrueForAll(c => c.IsClosed), "the sockets of the ended session to be closed", TimeSpan.FromSeconds(30));
            staying.ShouldAllBe(c => !c.IsClosed);
        }
        finally
        {
            foreach (var client in closing.Concat(staying))
                await client.DisposeAsync();
        }
    }

    [Fact]
    public async Task While_keys_are_rotated_roles_change_and_others_are_blocked_nobody_else_is_refused_anything()
    {
        var (email, password) = mesh.SeededAccount("admin");
        using var admin = mesh.WithToken((await mesh.SignInAsync(email, password)).Token);
        var bystander = await mesh.RegisterAsync("jobseeker");
        var blocked = await mesh.RegisterAsync("jobseeker");
        var promoted = await mesh.RegisterAsync("jobseeker");
        var faults = new ConcurrentQueue<string>();
        var asked = new ConcurrentDictionary<string, int>();
        using var over = new CancellationTokenSource();
        var load = Task.WhenAll(_routes.Values.Select(async route =>
        {
            using var client = mesh.WithToken(bystander.Token);
            while (!over.IsCancellationRequested)
            {
                var answer = await client.AskAsync(route);
                if (answer.Status != HttpStatusCode.OK)
                    faults.Enqueue($"{route}: {answer.Status} {answer.Code}");
                asked.AddOrUpdate(route, 1, (_, n) => n + 1);
            }
        }));

        var rotated = await mesh.Command.RunAsync("keys", "rotate");
        rotated.ExitCode.ShouldBe(0, rotated.ToString());
        (await admin.PutAsync($"/api/v1/auth/users/{blocked.Id}/block", new { })).Status.ShouldBe(HttpStatusCode.OK);
        foreach (var route in _routes.Values)
        {
            await Eventually.SeesAsync(
                () => AskAsync(new Uri(mesh.Gateway, route), blocked.Token), s => s == HttpStatusCode.Unauthorized, $"{route} closed to the blocked account",
                TimeSpan.FromSeconds(30));
        }
        var before = promoted.Token;
        var (instructor, renewal) = await ChangeRolesAsync(promoted.RefreshToken, "jobseeker", "instructor");
        (await AuthorAsync(instructor)).ShouldBe(HttpStatusCode.UnprocessableEntity, "what is granted is good with the next token, at once");
        await EndsAsync(before);
        var (plain, _) = await ChangeRolesAsync(renewal, "jobseeker");
        (await AuthorAsync(plain)).ShouldBe(HttpStatusCode.Forbidden);
        await Eventually.SeesAsync(() => AuthorAsync(instructor), s => s == HttpStatusCode.Unauthorized, "what was withdrawn to be over", TimeSpan.FromSeconds(30));
        await EndsAsync(instructor);
        // A key that nobody was told of in time is the other case: what it signs is good at once, everywhere.
        var replaced = await mesh.Command.RunAsync("keys", "list", "--json");
        replaced.ExitCode.ShouldBe(0, replaced.ToString());
        JsonDocument.Parse(replaced.Output).RootElement.EnumerateArray().Select(k => k.GetProperty("state").GetString()).ShouldContain("published");
        await over.CancelAsync();
        await load;
        faults.ShouldBeEmpty();
        asked.Values.ShouldAllBe(n => n > 0);

        async Task<(string Token, string RefreshToken)> ChangeRolesAsync(string refreshToken, params string[] roles)
        {
            (await admin.PutAsync($"/api/v1/auth/users/{promoted.Id}/roles", new { roles })).Status.ShouldBe(HttpStatusCode.OK);
            using var anonymous = mesh.Anonymous();
            var refreshed = await anonymous.PostAsync("/api/v1/auth/refresh", new { refreshToken });
            refreshed.Status.ShouldBe(HttpStatusCode.OK, refreshed.Body);
            return (mesh.Keep(refreshed.Data["accessToken"]!.GetValue<string>(), "an access token"), mesh.Keep(refreshed.Data["refreshToken"]!.GetValue<string>(), "a refresh token"));
        }

        // An empty course: 422 to whoever may write one, 403 to whoever may not.
        async Task<HttpStatusCode> AuthorAsync(string token)
        {
            using var client = mesh.WithToken(token);
            return (await client.PostAsync("/api/v1/courses", new { })).Status;
        }

        async Task EndsAsync(string token)
        {
            foreach (var route in _routes.Values)
            {
                await Eventually.SeesAsync(
                    () => AskAsync(new Uri(mesh.Gateway, route), token), s => s == HttpStatusCode.Unauthorized, $"{route} closed to the token of other roles", TimeSpan.FromSeconds(30));
            }
        }
    }

    [Fact]
    public async Task After_an_emergency_every_token_is_refused_and_the_refreshed_one_is_good_everywhere_at_once()
    {
        var person = await mesh.RegisterAsync("jobseeker");
        var everyRole = (await mesh.EveryRole).Token;
        await using var open = await HubClient.OpenAsync(mesh.Gateway, person.Token);
        var outcome = await mesh.Command.RunAsync("keys", "rotate", "--emergency");
        outcome.ExitCode.ShouldBe(0, outcome.ToString());
        using var client = mesh.Anonymous();
        var refreshed = await client.PostAsync("/api/v1/auth/refresh", new { refreshToken = person.RefreshToken });
        refreshed.Status.ShouldBe(HttpStatusCode.OK, refreshed.Body);
        var token = mesh.Keep(refreshed.Data["accessToken"]!.GetValue<string>(), "a refreshed token");
        foreach (var (place, uri) in await PlacesAsync())
        {
            // Not eventually: the first request under the new key asks for it.
            (await AskAsync(uri, token)).ShouldBe(HttpStatusCode.OK, place);
            await Eventually.SeesAsync(() => AskAsync(uri, person.Token), s => s == HttpStatusCode.Unauthorized, $"{place} to refuse the old token", TimeSpan.FromSeconds(30));
            await Eventually.SeesAsync(() => AskAsync(uri, everyRole), s => s == HttpStatusCode.Unauthorized, $"{place} to refuse everybody's", TimeSpan.FromSeconds(30));
        }
        mesh.ForgetEveryRole();
        await Eventually.TrueAsync(() => open.IsClosed, "what was opened under the old key to be closed", TimeSpan.FromSeconds(30));
    }

    /// <summary>Each route through the gateway, and at its service itself.</summary>
    private async Task<List<(string Place, Uri Address)>> PlacesAsync()
    {
        var status = await mesh.Command.StatusAsync();
        return
        [
            .. _routes.Select(r => ($"the gateway for {r.Key}", new Uri(mesh.Gateway, r.Value))),
            .. _routes.Select(r => (r.Key, new Uri(new Uri(status.Resources.Single(s => s.Name == r.Key).Urls![0]), r.Value))),
        ];
    }

    private async Task<HttpStatusCode> AskAsync(Uri address, string token)
    {
        using var client = mesh.WithToken(token);
        using var answer = await client.GetAsync(address);
        return answer.StatusCode;
    }
}
