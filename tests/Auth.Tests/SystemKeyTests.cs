using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.EntityFrameworkCore;
using TalentSphere.Auth.SystemKeys;
using TalentSphere.TestKit;

namespace TalentSphere.Auth.Tests;

public sealed class SystemKeyTests(QuickFixture auth) : IClassFixture<QuickFixture>
{
    private const string _route = "/api/v1/auth/system-keys";
    private const string _exchange = "/api/v1/auth/token/signed";

    [Fact]
    public void The_signature_of_RFC_9421_B_2_5_is_verified()
    {
        var request = Request(r =>
        {
            r.Host = new HostString("Example.com");
            r.Headers.Date = "Tue, 20 Apr 2021 02:07:55 GMT";
            r.Headers.ContentType = "application/json";
        }, "/foo?param=Value&Pet=dog");
        var signature = MessageSignature.Read(
            "sig-b25=(\"date\" \"@authority\" \"content-type\");created=1618884473;keyid=\"test-shared-secret\"",
            "sig-b25=:pxcQw6G3AjtMBQjwo8XzkZf/bws5LelbaMk5rGIGtE8=:").ShouldNotBeNull();
        var secret = Convert.FromBase64String("uzvJfB4u3N0Jy4T7NZ75MDVcr8zSTInedJtkgcu46YW4XByzNJjxBdtjUkdJPBtbmHhIDi6pcl8jsasjlTMtDQ==");
        var signed = signature.BaseOf(request).ShouldNotBeNull();
        signed.ShouldBe("""
            "date": Tue, 20 Apr 2021 02:07:55 GMT
            "@authority": example.com
            "content-type": application/json
            "@signature-params": ("date" "@authority" "content-type");created=1618884473;keyid="test-shared-secret"
            """.ReplaceLineEndings("\n"));
        signature.Matches(signed, secret).ShouldBeTrue();
        signature.Matches(signed + " ", secret).ShouldBeFalse();
        signature.KeyId.ShouldBe("test-shared-secret");
        signature.Created.ShouldBe(DateTimeOffset.FromUnixTimeSeconds(1618884473));
        request.Headers.Date = "Tue, 20 Apr 2021 02:07:56 GMT";
        signature.Matches(signature.BaseOf(request)!, secret).ShouldBeFalse();
    }

    [Theory]
    [InlineData("sig=(\"@method\");created=1;created=2", "sig=:AAAA:")]
    [InlineData("sig=(\"@method\" \"@method\")", "sig=:AAAA:")]
    [InlineData("sig=(\"@method\"),other=(\"@method\")", "sig=:AAAA:")]
    [InlineData("sig=(\"@method\");alg=\"rsa-v1_5-sha256\"", "sig=:AAAA:")]
    [InlineData("sig=(\"@query-param\";name=\"a\")", "sig=:AAAA:")]
    [InlineData("sig=(\"@method\";req)", "sig=:AAAA:")]
    [InlineData("sig=(\"@method\");created=\"1\"", "sig=:AAAA:")]
    [InlineData("sig=(\"@method\");keyid=1", "sig=:AAAA:")]
    [InlineData("sig=(\"@method\");unknown=1", "sig=:AAAA:")]
    [InlineData("sig=(\"@method\")", "other=:AAAA:")]
    [InlineData("sig=(\"@method\")", "sig=:AAA:")]
    [InlineData("sig=(\"@method\")", "AAAA")]
    [InlineData("sig=(@method)", "sig=:AAAA:")]
    [InlineData("sig=\"@method\"", "sig=:AAAA:")]
    [InlineData("", "")]
    public void What_is_no_single_plain_signature_is_none(string input, string signature) => MessageSignature.Read(input, signature).ShouldBeNull();

    [Fact]
    public void A_signature_of_what_is_not_there_has_no_base()
    {
        foreach (var component in (string[])["x-absent", "@status", "@target-uri"])
            MessageSignature.Read($"sig=(\"{component}\")", "sig=:AAAA:")!.BaseOf(Request(_ => { }, "/")).ShouldBeNull(component);
        MessageSignature.Read("sig=()", "sig=:AAAA:")!.BaseOf(Request(_ => { }, "/")).ShouldBe("\"@signature-params\": ()");
        MessageSignature.Read("s=( \"@method\"  \"@query\" ); keyid=\"a\"", "s=:AAAA:")!.BaseOf(Request(_ => { }, "/x"))
            .ShouldBe("\"@method\": POST\n\"@query\": ?\n\"@signature-params\": (\"@method\" \"@query\");keyid=\"a\"");
        MessageSignature.DigestIn("sha-512=:AAAA:, sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:").ShouldBe(SHA256.HashData([]));
        MessageSignature.DigestIn("sha-512=:AAAA:").ShouldBeNull();
    }

    [Fact]
    public async Task A_signed_request_is_exchanged_for_a_token_that_may_do_what_the_key_may_and_is_good_once()
    {
        var key = await CreateAsync(["auth:read", "jobs:write"], "ops");
        var nonce = NewNonce();
        var exchanged = await SendAsync(key, nonce: nonce);
        exchanged.Status.ShouldBe(HttpStatusCode.OK, exchanged.Body);
        exchanged.Headers.CacheControl!.NoStore.ShouldBeTrue();
        exchanged.Data["scope"]!.GetValue<string>().ShouldBe("auth:read jobs:write");
        var token = exchanged.Data["accessToken"]!.GetValue<string>();
        using var program = auth.Bearer(token);
        // It is nobody's account.
        (await program.AskAsync("/api/v1/auth/sessions")).Data.AsArray().ShouldBeEmpty();
        (await program.AskAsync("/api/v1/auth/users")).Status.ShouldBe(HttpStatusCode.Forbidden);
        (await program.PostAsync("/api/v1/auth/mfa/enroll")).Code.ShouldBe("AUTH_SCOPE_INSUFFICIENT");
        (await program.AskAsync("/api/v1/admin/auth/events/dead")).Status.ShouldBe(HttpStatusCode.OK, "ops, and to read");

        (await SendAsync(key, nonce: nonce)).Code.ShouldBe("AUTH_SIGNATURE_INVALID", "a replay");
        (await SendAsync(key, nonce: nonce, created: auth.Clock.GetUtcNow().AddSeconds(-5))).Code.ShouldBe("AUTH_SIGNATURE_INVALID", "the nonce again, signed anew");
        (await SendAsync(key)).Status.ShouldBe(HttpStatusCode.OK, "another nonce");

        var narrowed = await SendAsync(key, body: """{"scope":"auth:read"}""");
        narrowed.Data["scope"]!.GetValue<string>().ShouldBe("auth:read");
        foreach (var wrong in (string[])["""{"scope":"lms:read"}""", """{"scope":""}""", """{"scope":1}""", "[]", "{"])
            (await SendAsync(key, body: wrong)).Fields.ShouldBe(["scope"], wrong);
    }

    [Fact]
    public async Task A_replay_is_refused_by_another_replica_and_of_twenty_at_once_one_passes()
    {
        var key = await CreateAsync(["jobs:read"]);
        await using var replica = auth.WithWebHostBuilder(_ => { });
        replica.UseKestrel(0);
        replica.StartServer();
        using var there = replica.CreateClient();
        var nonce = NewNonce();
        var created = auth.Clock.GetUtcNow();
        (await SendAsync(key, nonce: nonce, created: created)).Status.ShouldBe(HttpStatusCode.OK);
        (await there.ReadAsync(Sign(key, nonce: nonce, created: created))).Code.ShouldBe("AUTH_SIGNATURE_INVALID");
        (await there.ReadAsync(Sign(key))).Status.ShouldBe(HttpStatusCode.OK, "a fresh one passes there");

        var again = NewNonce();
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => (i % 2 == 0 ? there : auth.Anonymous()).ReadAsync(Sign(key, nonce: again, created: created))));
        answers.Count(a => a.Status == HttpStatusCode.OK).ShouldBe(1);
        answers.Count(a => a.Code == "AUTH_SIGNATURE_INVALID").ShouldBe(19);
    }

    [Fact]
    public async Task Whatever_was_altered_after_signing_is_refused()
    {
        var key = await CreateAsync(["jobs:read"]);
        var alterations = new Dictionary<string, Action<HttpRequestMessage>>
        {
            ["the body"] = r => r.Content = new StringContent("""{"scope":"jobs:read" }"""),
            ["the body and its digest"] = r =>
            {
                r.Content = new StringContent("""{"scope":"jobs:read" }""");
                r.Headers.Remove("Content-Digest");
                r.Headers.TryAddWithoutValidation("Content-Digest", DigestOf("""{"scope":"jobs:read" }"""));
            },
            ["the path"] = r => r.RequestUri = new Uri(_exchange + "/", UriKind.Relative),
            ["the query"] = r => r.RequestUri = new Uri(_exchange + "?admin=true", UriKind.Relative),
            ["a nonce that was not signed"] = r => Change(r, "Signature-Input", s => s.Replace("nonce=\"", "nonce=\"x", StringComparison.Ordinal)),
            ["a time that was not signed"] = r => Change(r, "Signature-Input", s => s.Replace("created=", "created=1", StringComparison.Ordinal)),
            ["what is covered"] = r => Change(r, "Signature-Input", s => s.Replace("\"@path\" ", "", StringComparison.Ordinal)),
            ["no digest"] = r => r.Headers.Remove("Content-Digest"),
            ["another signature"] = r => Change(r, "Signature", _ => $"sig=:{Convert.ToBase64String(RandomNumberGenerator.GetBytes(32))}:"),
            ["no signature"] = r => r.Headers.Remove("Signature"),
            ["two of them"] = r => r.Headers.TryAddWithoutValidation("Signature-Input", "other=(\"@method\")"),
        };
        foreach (var (what, alter) in alterations)
        {
            var request = Sign(key, body: """{"scope":"jobs:read"}""");
            alter(request);
            var refused = await auth.Anonymous().ReadAsync(request);
            refused.Status.ShouldBe(HttpStatusCode.Unauthorized, what);
            refused.Code.ShouldBe("AUTH_SIGNATURE_INVALID", what);
        }
        // Signed, but too little of it.
        foreach (var covered in (string[])["@method", "@path", "@query", "content-digest"])
            (await auth.Anonymous().ReadAsync(Sign(key, without: covered))).Code.ShouldBe("AUTH_SIGNATURE_INVALID", covered);
        (await SendAsync(key, nonce: "short")).Code.ShouldBe("AUTH_SIGNATURE_INVALID");
        (await SendAsync(key, nonce: new string('n', 129))).Code.ShouldBe("AUTH_SIGNATURE_INVALID");
        (await SendAsync(key, body: """{"scope":"jobs:read"}""")).Status.ShouldBe(HttpStatusCode.OK, "unaltered it is good");
    }

    [Fact]
    public async Task What_is_old_future_unknown_or_revoked_is_refused_alike_and_written_down()
    {
        var key = await CreateAsync(["auth:read"]);
        var now = auth.Clock.GetUtcNow();
        var refusals = new Dictionary<string, Answer>
        {
            ["old"] = await SendAsync(key, created: now.AddSeconds(-65)),
            ["future"] = await SendAsync(key, created: now.AddSeconds(65)),
            ["expired"] = await SendAsync(key, expires: now.AddSeconds(-5)),
            ["unknown"] = await SendAsync(key with { Id = Guid.CreateVersion7() }),
            ["no id"] = await auth.Anonymous().ReadAsync(Sign(key, keyId: "nobody")),
            ["another's secret"] = await SendAsync(key with { Secret = (await CreateAsync(["auth:read"])).Secret }),
        };
        (await SendAsync(key, created: now.AddSeconds(-50))).Status.ShouldBe(HttpStatusCode.OK);
        var token = (await SendAsync(key, created: now.AddSeconds(50))).Data["accessToken"]!.GetValue<string>();

        using var admin = await AdminAsync();
        (await admin.RemoveAsync($"{_route}/{key.Id}")).Status.ShouldBe(HttpStatusCode.NoContent);
        (await admin.RemoveAsync($"{_route}/{key.Id}")).Status.ShouldBe(HttpStatusCode.NoContent);
        refusals["revoked"] = await SendAsync(key);
        foreach (var (what, answer) in refusals)
        {
            answer.Status.ShouldBe(HttpStatusCode.Unauthorized, what);
            answer.Json["error"]!.ToJsonString().ShouldBe(refusals["old"].Json["error"]!.ToJsonString(), what);
        }
        var dead = await Eventually.SeesAsync(
            () => auth.Bearer(token).AskAsync("/api/v1/auth/sessions"), a => a.Status == HttpStatusCode.Unauthorized, "its token to be refused", TimeSpan.FromSeconds(10));
        dead.Code.ShouldBe("AUTH_TOKEN_REVOKED");
        var acts = (await admin.AskAsync($"/api/v1/auth/audit?target={key.Id}&limit=50")).Data.AsArray().Select(e => e!["act"]!.GetValue<string>()).ToList();
        acts.Distinct().ShouldBe(["system-key.create", "system-key.refuse", "system-key.revoke"], ignoreOrder: true);
        acts.Count(a => a == "system-key.refuse").ShouldBe(5);
    }

    [Fact]
    public async Task A_rotated_key_and_its_forerunner_are_good_together_for_the_overlap_and_a_key_ends_by_itself()
    {
        using var admin = await AdminAsync();
        var first = await CreateAsync(["jobs:read"], days: 1);
        var rotated = await admin.PostAsync($"{_route}/{first.Id}/rotate", new { overlapSeconds = 60 });
        var second = first with { Secret = rotated.Data["secret"]!.GetValue<string>() };
        (await SendAsync(first)).Status.ShouldBe(HttpStatusCode.OK);
        (await SendAsync(second)).Status.ShouldBe(HttpStatusCode.OK);
        auth.Clock.Move(TimeSpan.FromSeconds(61));
        (await SendAsync(first)).Code.ShouldBe("AUTH_SIGNATURE_INVALID");
        (await SendAsync(second)).Status.ShouldBe(HttpStatusCode.OK);
        auth.Clock.Move(TimeSpan.FromHours(25));
        (await SendAsync(second)).Code.ShouldBe("AUTH_SIGNATURE_INVALID");
        using var later = await AdminAsync();
        (await later.PostAsync($"{_route}/{first.Id}/rotate", new { })).Code.ShouldBe("AUTH_KEY_NOT_FOUND");
    }

    [Fact]
    public async Task A_body_of_a_megabyte_is_covered_and_a_larger_one_is_not_read()
    {
        var key = await CreateAsync(["jobs:read"]);
        var body = $$"""{"scope":"jobs:read","padding":"{{new string('x', (1024 * 1024) - 34)}}"}""";
        body.Length.ShouldBe(1024 * 1024);
        (await SendAsync(key, body: body)).Status.ShouldBe(HttpStatusCode.OK);
        var altered = Sign(key, body: body);
        altered.Content = new StringContent(body[..^3] + "y" + body[^2..]);
        (await auth.Anonymous().ReadAsync(altered)).Code.ShouldBe("AUTH_SIGNATURE_INVALID");
        (await SendAsync(key, body: body + " ")).Status.ShouldBe(HttpStatusCode.RequestEntityTooLarge);
    }

    [Fact]
    public async Task Only_admins_handle_systems_keys_and_no_secret_is_stored_or_logged()
    {
        var key = await CreateAsync(["jobs:read"]);
        using var employer = auth.Bearer((await auth.RegisterAsync("employer")).AccessToken);
        (await employer.AskAsync(_route)).Status.ShouldBe(HttpStatusCode.Forbidden);
        (await employer.PostAsync(_route, new { name = "x", scopes = new[] { "jobs:read" } })).Status.ShouldBe(HttpStatusCode.Forbidden);
        (await employer.PostAsync($"{_route}/{key.Id}/rotate", new { })).Status.ShouldBe(HttpStatusCode.Forbidden);
        (await employer.RemoveAsync($"{_route}/{key.Id}")).Status.ShouldBe(HttpStatusCode.Forbidden);

        using var admin = await AdminAsync();
        foreach (var (body, field) in ((object, string)[])
            [(new { scopes = new[] { "jobs:read" } }, "name"), (new { name = "x" }, "scopes"), (new { name = "x", scopes = new[] { "auth:write" } }, "scopes"),
            (new { name = "x", scopes = new[] { "jobs:read" }, roles = new[] { "king" } }, "roles"), (new { name = "x", scopes = new[] { "jobs:read" }, days = 0 }, "days")])
            (await admin.PostAsync(_route, body)).Fields.ShouldBe([field]);

        await SendAsync(key);
        var listed = (await admin.AskAsync(_route)).Data.AsArray().Single(k => k!["id"]!.GetValue<Guid>() == key.Id)!;
        listed["lastUsedAt"].ShouldNotBeNull();
        listed.ToJsonString().ShouldNotContain(key.Secret);
        var secret = Convert.FromBase64String(key.Secret);
        var stored = await auth.InDatabaseAsync(db => db.SystemKeys.AsNoTracking().SingleAsync(k => k.Id == key.Id));
        stored.SealedSecret.AsSpan().IndexOf(secret).ShouldBe(-1);
        auth.Log.ShouldNotContain(line => line.Contains(key.Secret, StringComparison.Ordinal));
    }

    private Task<Answer> SendAsync(Key key, string body = "", string? nonce = null, DateTimeOffset? created = null, DateTimeOffset? expires = null) =>
        auth.Anonymous().ReadAsync(Sign(key, body, nonce, created, expires));

    /// <summary>Signs as another system would, with nothing of ours.</summary>
    private HttpRequestMessage Sign(
        Key key, string body = "", string? nonce = null, DateTimeOffset? created = null, DateTimeOffset? expires = null, string? without = null, string? keyId = null)
    {
        (string Name, string Value)[] covered = [.. ((string, string)[])[("@method", "POST"), ("@path", _exchange), ("@query", "?"), ("content-digest", DigestOf(body))]];
        covered = [.. covered.Where(c => c.Name != without)];
        var parameters = string.Create(
            CultureInfo.InvariantCulture,
            $"({string.Join(' ', covered.Select(c => $"\"{c.Name}\""))});created={(created ?? auth.Clock.GetUtcNow()).ToUnixTimeSeconds()};nonce=\"{nonce ?? NewNonce()}\";keyid=\"{keyId ?? key.Id.ToString()}\";alg=\"hmac-sha256\"")
            + (expires is { } until ? $";expires={until.ToUnixTimeSeconds()}" : "");
        var text = string.Concat(covered.Select(c => $"\"{c.Name}\": {c.Value}\n")) + "\"@signature-params\": " + parameters;
        var signature = HMACSHA256.HashData(Convert.FromBase64String(key.Secret), Encoding.UTF8.GetBytes(text));
        var request = new HttpRequestMessage(HttpMethod.Post, _exchange) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.TryAddWithoutValidation("Content-Digest", DigestOf(body));
        request.Headers.TryAddWithoutValidation("Signature-Input", "sig=" + parameters);
        request.Headers.TryAddWithoutValidation("Signature", $"sig=:{Convert.ToBase64String(signature)}:");
        return request;
    }

    private async Task<Key> CreateAsync(string[] scopes, string? role = null, int days = 90)
    {
        using var admin = await AdminAsync();
        var made = await admin.PostAsync(_route, new { name = "A system", scopes, roles = role is null ? [] : new[] { role }, days });
        made.Status.ShouldBe(HttpStatusCode.Created, made.Body);
        made.Headers.CacheControl!.NoStore.ShouldBeTrue();
        return new(made.Data["key"]!["id"]!.GetValue<Guid>(), made.Data["secret"]!.GetValue<string>());
    }

    private async Task<HttpClient> AdminAsync() =>
        auth.Bearer((await auth.SignInAsync("admin@talentsphere.example", AuthFixture.SeedPassword)).AccessToken);

    private static HttpRequest Request(Action<HttpRequest> fill, string target)
    {
        var request = new DefaultHttpContext().Request;
        request.Method = "POST";
        request.HttpContext.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget = target;
        fill(request);
        return request;
    }

    private static void Change(HttpRequestMessage request, string header, Func<string, string> change)
    {
        var value = change(request.Headers.NonValidated[header].ToString());
        request.Headers.Remove(header);
        request.Headers.TryAddWithoutValidation(header, value);
    }

    private static string DigestOf(string body) => $"sha-256=:{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(body)))}:";

    private static string NewNonce() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));

    private sealed record Key(Guid Id, string Secret);
}
