using System.Net;
using System.Text;
using System.Text.Json;
using TalentSphere.TestKit;

namespace TalentSphere.Mesh.Tests.Access;

/// <summary>Every operation of every service × no token, an expired one, a forged one, each role, somebody else's things: as <see cref="AccessTable"/> says.</summary>
public sealed class AccessMatrixTests(MeshFixture mesh)
{
    private readonly List<string> _faults = [];

    [Fact]
    public async Task Every_operation_has_a_row_and_every_row_its_operation()
    {
        var operations = await ApiDocument.ReadAsync(mesh);
        operations.Where(o => AccessTable.Of(o) is null).Select(o => $"{o} ({o.Id})").ShouldBeEmpty("nobody decided who may call these");
        AccessTable.Operations.Keys.Except(operations.Select(o => o.Id)).ShouldBeEmpty("these are in the table and nowhere else");
        AccessTable.Administration.Keys.Where(name => !operations.Any(o => o.Id.StartsWith(name + "Of", StringComparison.Ordinal))).ShouldBeEmpty();
        // The document says of each whether a token is needed; the table and it agree.
        operations.Where(o => o.IsOpen != AccessTable.Of(o)!.Who is Who.Anybody or Who.OwnCredential).Select(o => $"{o} ({o.Id})").ShouldBeEmpty();
    }

    [Fact]
    public async Task Without_a_good_token_nothing_that_is_closed_opens()
    {
        var person = await mesh.RegisterAsync("jobseeker");
        using var anonymous = mesh.Anonymous();
        var keys = (await anonymous.AskAsync("/.well-known/jwks.json")).Json["keys"]!.AsArray();
        using var signed = await SignedTokens.OpenAsync(mesh);
        // The same hand, with nothing wrong, opens: what is refused below is refused for its fault.
        using (var good = mesh.WithToken(mesh.Keep(signed.Change(person.Token, p => p["jti"] = Guid.CreateVersion7().ToString()), "a token signed by a test")))
            (await good.AskAsync("/api/v1/auth/me")).Status.ShouldBe(HttpStatusCode.OK);
        List<(string Fault, string Token)> bad =
        [
            .. ForgedTokens.Of(person.Token, keys).Where(f => f.Fault is "another key under our kid" or "alg none"),
            .. signed.Wrong(person.Token),
            ("of an ended session", await OfEndedSessionAsync()),
        ];
        bad.Count.ShouldBe(11);
        bad.ForEach(t => mesh.Keep(t.Token, t.Fault));
        foreach (var operation in await ApiDocument.ReadAsync(mesh))
        {
            var row = AccessTable.Of(operation)!;
            var answer = await SendAsync(anonymous, operation);
            switch (row.Who)
            {
                case Who.SignedIn or Who.Roles when answer.Status != HttpStatusCode.Unauthorized || answer.Headers.WwwAuthenticate.Count == 0:
                case Who.Anybody when answer.Code is "AUTH_REQUIRED" or "FORBIDDEN":
                    Fault(operation, "no token", answer);
                    break;
            }
            foreach (var (fault, token) in bad)
            {
                using var client = mesh.WithToken(token);
                answer = await SendAsync(client, operation);
                if (row.Who != Who.OwnCredential && answer.Status != HttpStatusCode.Unauthorized)
                    Fault(operation, fault, answer);
            }
        }
        _faults.ShouldBeEmpty();
    }

    [Fact]
    public async Task Each_role_may_do_what_the_table_says_and_nothing_else()
    {
        var operations = await ApiDocument.ReadAsync(mesh);
        foreach (var role in AccessTable.EveryRole)
        {
            using var client = mesh.WithToken((await AccountAsync(role)).Token);
            foreach (var operation in operations)
            {
                var row = AccessTable.Of(operation)!;
                // Signing out, for one, would end the matter.
                if (row.Who == Who.OwnCredential)
                    continue;
                var allowed = row.Who != Who.Roles || row.Roles.Contains(role);
                var answer = await SendAsync(client, operation);
                var refused = answer.Status is HttpStatusCode.Forbidden;
                if (allowed ? refused || (answer.Status == HttpStatusCode.Unauthorized && row.Who != Who.Anybody) : !refused)
                    Fault(operation, role, answer);
                if ((int)answer.Status >= 500)
                    Fault(operation, role, answer);
            }
        }
        // What the administrators' turns began.
        using var admin = mesh.WithToken((await AccountAsync("admin")).Token);
        foreach (var drop in operations.Where(o => o.Id.StartsWith("DropShadow", StringComparison.Ordinal)))
            await SendAsync(admin, drop);
        _faults.ShouldBeEmpty();
    }

    [Fact]
    public async Task Somebody_elses_things_are_not_there_or_not_to_be_changed()
    {
        var things = await ThingsAsync();
        var strangers = new Dictionary<string, Account>();
        foreach (var role in (string[])["jobseeker", "employer", "instructor"])
            strangers[role] = await AccountAsync(role);
        foreach (var operation in (await ApiDocument.ReadAsync(mesh)).Where(o => AccessTable.Of(o)!.Strangers.Count > 0))
        {
            var row = AccessTable.Of(operation)!;
            var path = PathTo(operation, things);
            foreach (var role in row.Strangers)
            {
                using var client = mesh.WithToken(strangers[role].Token);
                var answer = await SendAsync(client, operation, path, row.Body is null ? null : JsonSerializer.Serialize(row.Body));
                if (answer.Status != (row.Visible ? HttpStatusCode.Forbidden : HttpStatusCode.NotFound))
                    Fault(operation, $"another {role}'s", answer);
            }
        }
        _faults.ShouldBeEmpty();
    }

    /// <summary>One thing of each kind, by the name under which it stands in paths, and none of them a stranger's.</summary>
    private async Task<Dictionary<string, Guid>> ThingsAsync()
    {
        using var seeker = mesh.WithToken((await AccountAsync("jobseeker")).Token);
        using var employer = mesh.WithToken((await AccountAsync("employer")).Token);
        using var instructor = mesh.WithToken((await AccountAsync("instructor")).Token);
        var things = new Dictionary<string, Guid>(StringComparer.Ordinal);

        things["companies"] = await MadeAsync(employer.PostAsync("/api/v1/companies", new { name = $"Quiet {Guid.CreateVersion7():N}"[..30] }));
        things["jobs"] = await MadeAsync(employer.PostAsync(
            "/api/v1/jobs", new { companyId = things["companies"], title = "Keeper", description = "Keeps.", location = "Here", type = "full-time" }));
        things["applications"] = await MadeAsync(seeker.PostAsync($"/api/v1/jobs/{things["jobs"]}/apply", new { resumeUrl = "https://people.example/me" }));

        things["courses"] = await MadeAsync(instructor.PostAsync("/api/v1/courses", new { title = "A draft", summary = "Not yet.", level = "beginner" }));
        things["sections"] = await MadeAsync(instructor.PostAsync($"/api/v1/courses/{things["courses"]}/sections", new { title = "First" }));
        things["lessons"] = await MadeAsync(instructor.PostAsync($"/api/v1/sections/{things["sections"]}/lessons", new { title = "First", content = "Not yet.", minutes = 5 }));
        var published = (await seeker.AskAsync("/api/v1/courses")).Data[0]!["id"]!.GetValue<Guid>();
        things["enrollments"] = await MadeAsync(seeker.PostAsync($"/api/v1/courses/{published}/enroll"));
        things["progress"] = published;

        things["challenges"] = await MadeAsync(instructor.PostAsync("/api/v1/challenges", new { title = "A draft", statement = "Not yet.", difficulty = "easy" }));
        things["testcases"] = await MadeAsync(instructor.PostAsync(
            $"/api/v1/challenges/{things["challenges"]}/testcases", new { sample = true, input = "1", expectedOutput = "1" }));
        things["solutions"] = await MadeAsync(instructor.PostAsync(
            $"/api/v1/challenges/{things["challenges"]}/solutions", new { name = "one", language = "python", source = "print(1)", expected = "accepted" }));
        var challenge = (await seeker.AskAsync("/api/v1/challenges")).Data[0]!["id"];
        things["submissions"] = await MadeAsync(seeker.PostAsync($"/api/v1/challenges/{challenge}/submissions", new { language = "python", code = "print(1)" }));

        things["sessions"] = (await seeker.AskAsync("/api/v1/auth/sessions")).Data[0]!["id"]!.GetValue<Guid>();
        var key = await seeker.PostAsync("/api/v1/auth/api-keys", new { name = "mine", scopes = new[] { "jobs:read" } });
        things["api-keys"] = key.Data["key"]!["id"]!.GetValue<Guid>();
        mesh.Keep(key.Data["apiKey"]!.GetValue<string>(), "an API key");
        var told = await Eventually.SeesAsync(
            () => seeker.AskAsync("/api/v1/notifications"), a => a.Data.AsArray().Count > 0, "a first notification", TimeSpan.FromSeconds(30));
        things["notifications"] = told.Data[0]!["id"]!.GetValue<Guid>();
        return things;
    }

    private static async Task<Guid> MadeAsync(Task<Answer> asked)
    {
        var answer = await asked;
        ((int)answer.Status).ShouldBeInRange(200, 202, answer.Body);
        return answer.Id;
    }

    /// <summary>Each parameter is named by the part of the path before it.</summary>
    private static string PathTo(ApiOperation operation, Dictionary<string, Guid> things)
    {
        var parts = operation.Template.Split('/');
        for (var i = 1; i < parts.Length; i++)
        {
            if (parts[i].StartsWith('{'))
                parts[i] = things[parts[i - 1]].ToString();
        }
        return string.Join('/', parts);
    }

    private async Task<Account> AccountAsync(string role)
    {
        var account = await mesh.RegisterAsync(role is "employer" ? "employer" : "jobseeker");
        if (role is "jobseeker" or "employer")
            return account;
        var (email, password) = mesh.SeededAccount("admin");
        using var admin = mesh.WithToken((await mesh.SignInAsync(email, password)).Token);
        var granted = await admin.PutAsync($"/api/v1/auth/users/{account.Id}/roles", new { roles = new[] { role } });
        granted.Status.ShouldBe(HttpStatusCode.OK, granted.Body);
        return await mesh.SignInAsync(account.Email, account.Password);
    }

    /// <summary>A token whose session has ended, once every service knows.</summary>
    private async Task<string> OfEndedSessionAsync()
    {
        var person = await mesh.RegisterAsync("jobseeker");
        using var client = mesh.WithToken(person.Token);
        (await client.PostAsync("/api/v1/auth/logout", new { })).Status.ShouldBe(HttpStatusCode.NoContent);
        foreach (var route in (string[])["auth/me", "enrollments", "submissions", "applications", "gamification/me", "notifications"])
        {
            await Eventually.SeesAsync(
                () => client.AskAsync($"/api/v1/{route}"), a => a.Status == HttpStatusCode.Unauthorized, $"{route} to refuse the token", TimeSpan.FromSeconds(30));
        }
        return person.Token;
    }

    private static Task<Answer> SendAsync(HttpClient client, ApiOperation operation) =>
        SendAsync(client, operation, operation.Path(), operation.Body is null ? null : "{}");

    private static Task<Answer> SendAsync(HttpClient client, ApiOperation operation, string path, string? body)
    {
        var request = new HttpRequestMessage(new HttpMethod(operation.Method), path);
        if (body is not null)
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        return client.ReadAsync(request);
    }

    private void Fault(ApiOperation operation, string what, Answer answer) =>
        _faults.Add($"{operation} ({operation.Id}), {what}: {(int)answer.Status} {answer.Body[..Math.Min(140, answer.Body.Length)]}");
}
