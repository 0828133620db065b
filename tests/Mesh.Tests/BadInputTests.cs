using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using TalentSphere.Mesh.Tests.Access;
using TalentSphere.TestKit;

namespace TalentSphere.Mesh.Tests;

/// <summary>
/// Every operation of the merged API document, through the gateway, with whatever a caller can get wrong about its input. Each test
/// collects what does not hold over all operations, so that one look tells all.
/// </summary>
public sealed class BadInputTests(MeshFixture mesh)
{
    private readonly List<string> _faults = [];

    [Fact]
    public Task Text_that_is_not_JSON_is_400() => EachBodyAsync(async (operation, client) =>
    {
        foreach (var text in (string[])["{", """{"a":}""", "nul", "\"", "{\"a\":\"\u0001\"}", """{"a":1}{"b":2}""", "<xml/>"])
            Expect(operation, text, await SendAsync(client, operation, text), HttpStatusCode.BadRequest);
    });

    [Fact]
    public Task JSON_that_is_no_object_is_422() => EachBodyAsync(async (operation, client) =>
    {
        foreach (var text in (string[])["[]", "\"text\"", "42", "true"])
            Expect(operation, text, await SendAsync(client, operation, text), HttpStatusCode.UnprocessableEntity);
    });

    [Fact]
    public Task Missing_fields_are_all_named() => EachBodyAsync(async (operation, client) =>
    {
        if (operation.Body!.Required.Count == 0)
            return;
        var answer = await SendAsync(client, operation, "{}");
        Expect(operation, "{}", answer, HttpStatusCode.UnprocessableEntity);
        Name(operation, "missing", answer, operation.Body.Required);

        var nulls = new JsonObject(operation.Body.Required.Select(f => KeyValuePair.Create(f, (JsonNode?)null)));
        answer = await SendAsync(client, operation, nulls.ToJsonString());
        Expect(operation, "nulls", answer, HttpStatusCode.UnprocessableEntity);
        Name(operation, "null", answer, operation.Body.Required);
    });

    [Fact]
    public Task Fields_of_a_wrong_type_are_all_named() => EachBodyAsync(async (operation, client) =>
    {
        var wrong = new JsonObject(operation.Body!.Fields.Select(f => KeyValuePair.Create(f.Name, (JsonNode?)f.WrongType)));
        var answer = await SendAsync(client, operation, wrong.ToJsonString());
        Expect(operation, "wrong types", answer, HttpStatusCode.UnprocessableEntity);
        Name(operation, "of a wrong type", answer, [.. operation.Body.Fields.Select(f => f.Name)]);
    });

    [Fact]
    public Task Oversized_fields_are_all_named() => EachBodyAsync(async (operation, client) =>
    {
        // Those whose bound the document tells, together; the others one by one, with all that a request has room for.
        foreach (var fields in operation.Body!.Fields.Where(f => f.TooMuch() is not null).GroupBy(f => f.IsBounded ? "" : f.Name))
        {
            var oversized = new JsonObject(fields.Select(f => KeyValuePair.Create(f.Name, f.TooMuch())));
            var answer = await SendAsync(client, operation, oversized.ToJsonString());
            Expect(operation, "oversized", answer, HttpStatusCode.UnprocessableEntity);
            Name(operation, "oversized", answer, [.. fields.Select(f => f.Name)]);
        }
    });

    [Fact]
    public Task More_than_a_megabyte_is_413() => EachBodyAsync(async (operation, client) =>
    {
        var text = $$"""{"padding":"{{new string('x', 1024 * 1024)}}"}""";
        Expect(operation, "1 MB", await SendAsync(client, operation, text), HttpStatusCode.RequestEntityTooLarge);
    });

    [Fact]
    public Task Another_media_type_is_415() => EachBodyAsync(async (operation, client) =>
        Expect(operation, "text/plain", await SendAsync(client, operation, "{}", "text/plain"), HttpStatusCode.UnsupportedMediaType));

    [Fact]
    public Task NUL_half_a_character_and_deep_nesting_are_the_callers_fault() => EachBodyAsync(async (operation, client) =>
    {
        foreach (var odd in (string[])[@"\u0000", @"a\u0000b", @"\ud800", @"\u202e"])
        {
            var fields = operation.Body!.Fields.Where(f => f.Type == "string").Select(f => $"\"{f.Name}\":\"{odd}\"");
            Unserved(operation, odd, await SendAsync(client, operation, $"{{{string.Join(',', fields)}}}"));
        }
        var deep = string.Concat(Enumerable.Repeat("[", 500)) + string.Concat(Enumerable.Repeat("]", 500));
        Unserved(operation, "deep", await SendAsync(client, operation, $$"""{"{{operation.Body!.Fields[0].Name}}":{{deep}}}"""));
    });

    [Fact]
    public async Task Without_a_token_every_closed_operation_is_401()
    {
        using var client = mesh.Anonymous();
        foreach (var operation in (await ApiDocument.ReadAsync(mesh)).Where(o => !o.IsOpen))
        {
            var answer = await SendAsync(client, operation, operation.Body is null ? null : "{}");
            Expect(operation, "no token", answer, HttpStatusCode.Unauthorized);
            if (answer.Headers.WwwAuthenticate.Count == 0)
                _faults.Add($"{operation}: 401 without WWW-Authenticate");
        }
        _faults.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_forged_token_is_401_on_every_operation_but_signing_in()
    {
        using var anonymous = mesh.Anonymous();
        var keys = (await anonymous.AskAsync("/.well-known/jwks.json")).Json["keys"]!.AsArray();
        var token = mesh.Keep((await mesh.RegisterAsync("jobseeker")).Token, "an access token");
        var operations = (await ApiDocument.ReadAsync(mesh))
            .Where(o => AccessTable.Of(o)!.Who != Who.OwnCredential).ToList();
        foreach (var (fault, forged) in ForgedTokens.Of(token, keys))
        {
            using var client = mesh.WithToken(mesh.Keep(forged, "a forged token"));
            foreach (var operation in operations)
                Expect(operation, fault, await SendAsync(client, operation, operation.Body is null ? null : "{}"), HttpStatusCode.Unauthorized);
        }
        _faults.ShouldBeEmpty();
    }

    [Fact]
    public async Task What_is_not_there_is_404_and_so_is_what_is_no_id()
    {
        using var client = mesh.WithToken((await mesh.EveryRole).Token);
        foreach (var operation in (await ApiDocument.ReadAsync(mesh)).Where(o => o.HasId && o.Body is null))
        {
            // To forget what was never saved is done already.
            if (operation.Id != "ForgetJob")
                Expect(operation, "unknown id", await SendAsync(client, operation, null), HttpStatusCode.NotFound);
            foreach (var odd in (string[])["1", "not-an-id", "%00", "'%20or%201=1--", "..%2f..%2fetc%2fpasswd", new string('9', 300)])
            {
                var answer = await client.ReadAsync(new HttpRequestMessage(new HttpMethod(operation.Method), operation.Path(odd)));
                if ((int)answer.Status is not (400 or 404))
                    _faults.Add($"{operation} with id {odd[..Math.Min(12, odd.Length)]}: {Short(answer)}");
            }
        }
        _faults.ShouldBeEmpty();
    }

    [Fact]
    public async Task Query_parameters_of_a_wrong_type_are_named_and_pages_are_clamped()
    {
        using var client = mesh.WithToken((await mesh.EveryRole).Token);
        foreach (var operation in (await ApiDocument.ReadAsync(mesh)).Where(o => o is { Method: "GET", HasId: false }))
        {
            foreach (var (name, _) in operation.Query.Where(q => q.Value is "integer" or "boolean"))
            {
                var field = char.ToLowerInvariant(name[0]) + name[1..];
                var answer = await client.AskAsync($"{operation.Template}?{field}=abc");
                Expect(operation, $"{field}=abc", answer, HttpStatusCode.UnprocessableEntity);
                Name(operation, "in the query", answer, [field]);
            }
            foreach (var name in operation.Query.Keys.Where(q => operation.Query[q] == "string"))
            {
                foreach (var odd in (string[])["%00", "'", "%25%5C_", "%F0%9F%98%80", "%ff", new string('x', 3000)])
                    Unserved(operation, $"{name}={odd[..Math.Min(8, odd.Length)]}", await client.AskAsync($"{operation.Template}?{name}={odd}"));
            }
            if (!operation.Query.Keys.Contains("page", StringComparer.OrdinalIgnoreCase))
                continue;
            foreach (var query in (string[])["page=-1", "page=0&limit=0", "limit=100000", "page=2147483647", "limit=-5"])
                Expect(operation, query, await client.AskAsync($"{operation.Template}?{query}"), HttpStatusCode.OK);
        }
        _faults.ShouldBeEmpty();
    }

    [Fact]
    public async Task Other_methods_are_405()
    {
        using var client = mesh.WithToken((await mesh.EveryRole).Token);
        foreach (var path in (await ApiDocument.ReadAsync(mesh)).GroupBy(o => o.Template))
        {
            var answer = await client.ReadAsync(new HttpRequestMessage(HttpMethod.Parse("PROPFIND"), path.First().Path()));
            if (answer.Status is not HttpStatusCode.MethodNotAllowed)
                _faults.Add($"PROPFIND {path.Key}: {Short(answer)}");
        }
        _faults.ShouldBeEmpty();
    }

    [Fact]
    public async Task Other_peoples_things_are_404()
    {
        var (mine, other) = (await mesh.RegisterAsync("jobseeker"), await mesh.RegisterAsync("jobseeker"));
        var (employer, rival) = (await mesh.RegisterAsync("employer"), await mesh.RegisterAsync("employer"));
        using var me = mesh.WithToken(mine.Token);
        using var stranger = mesh.WithToken(other.Token);
        using var boss = mesh.WithToken(employer.Token);
        using var competitor = mesh.WithToken(rival.Token);

        var course = (await me.AskAsync("/api/v1/courses")).Data[0]!["id"];
        var enrollment = (await me.PostAsync($"/api/v1/courses/{course}/enroll")).Id;
        var challenge = (await me.AskAsync("/api/v1/challenges")).Data[0]!["id"];
        var submission = (await me.PostAsync($"/api/v1/challenges/{challenge}/submissions", new { language = "python", code = "print(1)" })).Id;
        var company = (await boss.PostAsync("/api/v1/companies", new { name = "Quiet " + mine.Id.ToString("N")[^8..] })).Id;
        var post = new { companyId = company, title = "Keeper", description = "Keeps.", location = "Here", type = "full-time" };
        var job = (await boss.PostAsync("/api/v1/jobs", post)).Id;
        var application = (await me.PostAsync($"/api/v1/jobs/{job}/apply", new { resumeUrl = "https://people.example/me" })).Id;
        var told = await Eventually.SeesAsync(() => me.AskAsync("/api/v1/notifications"), a => a.Data.AsArray().Count > 0, "a first notification");
        var notification = told.Data[0]!["id"];
        var session = (await me.AskAsync("/api/v1/auth/sessions")).Data[0]!["id"];

        (string Method, string Path, object? Body)[] strangers =
        [
            ("GET", $"/api/v1/enrollments/{enrollment}", null),
            ("DELETE", $"/api/v1/enrollments/{enrollment}", null),
            ("GET", $"/api/v1/progress/{course}", null),
            ("GET", $"/api/v1/submissions/{submission}", null),
            ("GET", $"/api/v1/applications/{application}", null),
            ("PATCH", $"/api/v1/applications/{application}", new { status = "withdrawn" }),
            ("GET", $"/api/v1/jobs/{job}/applications", null),
            ("POST", $"/api/v1/notifications/{notification}/read", null),
            ("DELETE", $"/api/v1/auth/sessions/{session}", null),
        ];
        foreach (var (method, path, body) in strangers)
            await NotFoundAsync(stranger, method, path, body);
        await NotFoundAsync(competitor, "GET", $"/api/v1/jobs/{job}/applications", null);
        await NotFoundAsync(competitor, "GET", $"/api/v1/applications/{application}", null);
        await NotFoundAsync(competitor, "PATCH", $"/api/v1/applications/{application}", new { status = "accepted" });
        _faults.ShouldBeEmpty();

        (await me.AskAsync($"/api/v1/applications/{application}")).Data["status"]!.GetValue<string>().ShouldBe("pending");
        (await me.AskAsync($"/api/v1/enrollments/{enrollment}")).Status.ShouldBe(HttpStatusCode.OK);

        async Task NotFoundAsync(HttpClient client, string method, string path, object? body)
        {
            var answer = body is null ? await client.ReadAsync(new HttpRequestMessage(new HttpMethod(method), path)) : await client.PatchAsync(path, body);
            if (answer.Status != HttpStatusCode.NotFound)
                _faults.Add($"{method} {path}: {Short(answer)}");
        }
    }

    /// <summary>Runs over every operation that takes a body, by an account that may do anything.</summary>
    private async Task EachBodyAsync(Func<ApiOperation, HttpClient, Task> check)
    {
        var operations = (await ApiDocument.ReadAsync(mesh)).Where(o => o.Body is not null).ToList();
        operations.Count.ShouldBeGreaterThan(20);
        using var client = mesh.WithToken((await mesh.EveryRole).Token);
        using var anonymous = mesh.Anonymous();
        // A body that is taken for good must not sign the account of all these tests out.
        foreach (var operation in operations)
            await check(operation, AccessTable.Of(operation)!.Who == Who.OwnCredential ? anonymous : client);
        _faults.ShouldBeEmpty();
    }

    private async Task<Answer> SendAsync(HttpClient client, ApiOperation operation, string? text, string mediaType = "application/json")
    {
        var request = new HttpRequestMessage(new HttpMethod(operation.Method), operation.Path());
        if (text is not null)
        {
            request.Content = new StringContent(text, Encoding.UTF8, mediaType);
            // A refusal may come while the body is still on its way.
            request.Headers.ExpectContinue = text.Length > 1_000_000;
        }
        return await client.ReadAsync(request);
    }

    private void Expect(ApiOperation operation, string what, Answer answer, HttpStatusCode status)
    {
        if (answer.Status != status)
            _faults.Add($"{operation} ({what[..Math.Min(20, what.Length)]}): {Short(answer)} instead of {(int)status}");
        else if (status >= HttpStatusCode.BadRequest && answer.Code is null)
            _faults.Add($"{operation} ({what}): no error code");
    }

    private void Name(ApiOperation operation, string what, Answer answer, IReadOnlyList<string> fields)
    {
        if (answer.Status != HttpStatusCode.UnprocessableEntity)
            return;
        // A field is named, or a part of it: salary.min, tags[3].
        var unnamed = fields.Except(answer.Fields.Select(n => n.Split('.', '[')[0])).ToList();
        if (unnamed.Count > 0)
            _faults.Add($"{operation}: {string.Join(", ", unnamed)} {what}, but only {string.Join(", ", answer.Fields)} named");
    }

    /// <summary>Anything but a failure of ours.</summary>
    private void Unserved(ApiOperation operation, string what, Answer answer)
    {
        if ((int)answer.Status >= 500)
            _faults.Add($"{operation} ({what}): {Short(answer)}");
    }

    private static string Short(Answer answer) => $"{(int)answer.Status} {answer.Body[..Math.Min(160, answer.Body.Length)]}";
}
