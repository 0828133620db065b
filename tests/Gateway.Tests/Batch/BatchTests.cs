using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using TalentSphere.TestKit;

namespace TalentSphere.Gateway.Tests.Batch;

/// <summary>Several requests in one.</summary>
[Collection(nameof(ScriptedGateway))]
public sealed class BatchTests(ScriptedGateway gateway)
{
    [Fact]
    public async Task Answers_come_in_order_each_with_its_own_status()
    {
        var (user, created) = (Guid.CreateVersion7(), Create());
        var answer = await SendAsync(
            gateway.SignedIn(user, "employer"),
            new { id = "a", method = "GET", path = "/api/v1/jobs/7?q=c%23" },
            new { id = 2, method = "post", path = created.Path, body = new { name = "ü", list = new[] { 1 } } },
            new { id = "c", method = "GET", path = "/api/v1/nothing-of-the-kind" },
            new { id = "d", method = "GET", path = "/api/v1/challenges" },
            new { id = "e", method = "GET", path = "/api/v1/courses/slow" },
            new { id = "f", method = "DELETE", path = "/api/v1/admin/gateway/cache/purge" },
            new { method = "GET", path = "/api/courses?version=9" });
        answer.Status.ShouldBe(HttpStatusCode.OK, answer.Body);
        var parts = answer.Data.AsArray();
        parts.Select(p => p!["status"]!.GetValue<int>()).ShouldBe([200, 201, 404, 503, 504, 405, 400]);
        parts.Select(p => p!["id"]?.ToJsonString()).ShouldBe(["\"a\"", "2", "\"c\"", "\"d\"", "\"e\"", "\"f\"", null]);
        parts[0]!["body"]!["path"]!.GetValue<string>().ShouldBe("/api/v1/jobs/7");
        parts[0]!["body"]!["query"]!.GetValue<string>().ShouldBe("?q=c%23");
        parts[1]!["body"]!["seen"]!["name"]!.GetValue<string>().ShouldBe("ü");
        parts[1]!["headers"]!["location"]!.GetValue<string>().ShouldStartWith("/api/v1/scripted/");
        parts[1]!["headers"]!["etag"]!.GetValue<string>().ShouldBe("\"1\"");
        parts[3]!["body"]!["error"]!["code"]!.GetValue<string>().ShouldBe("UPSTREAM_UNAVAILABLE");
        parts[3]!["headers"]!["retry-after"]!.GetValue<string>().ShouldNotBeEmpty();
        parts[6]!["body"]!["error"]!["code"]!.GetValue<string>().ShouldBe("VERSION_UNSUPPORTED");
        var meta = answer.Json["meta"]!;
        (meta["total"]!.GetValue<int>(), meta["successful"]!.GetValue<int>(), meta["failed"]!.GetValue<int>()).ShouldBe((7, 2, 5));
        meta["durationMs"]!.GetValue<double>().ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task Ten_run_at_a_time_and_no_more()
    {
        var (running, most, gate) = (0, 0, new TaskCompletionSource());
        var resource = gateway.Upstream.Serve("/api/v1/scripted", async context =>
        {
            var now = Interlocked.Increment(ref running);
            InterlockedMax(ref most, now);
            await gate.Task;
            Interlocked.Decrement(ref running);
            await context.Response.WriteAsync("{}");
        });
        var batch = SendAsync(gateway.Anonymous(), [.. Enumerable.Range(0, 20).Select(i => new { id = i, method = "GET", path = $"{resource.Path}?{i}" })]);
        await Eventually.TrueAsync(() => Volatile.Read(ref running) == 10, "ten to run");
        gate.SetResult();
        (await batch).Json["meta"]!["successful"]!.GetValue<int>().ShouldBe(20);
        most.ShouldBe(10);
    }

    [Theory]
    [InlineData("http://evil.example/api/v1/jobs")]
    [InlineData("//evil.example/api/v1/jobs")]
    [InlineData("api/v1/jobs")]
    [InlineData("/metrics")]
    [InlineData("/health/deep")]
    [InlineData("/apix/v1/jobs")]
    [InlineData("/api")]
    [InlineData("/api/../metrics")]
    [InlineData("/api/%2e%2e/metrics")]
    [InlineData("/api/v1/..%2f..%2fmetrics")]
    [InlineData("/api/v1/jobs%5c..%5cmetrics")]
    [InlineData("/api/v1//jobs")]
    [InlineData("/api\\v1\\jobs")]
    [InlineData("/api/v1/jobs%00")]
    [InlineData("/api/v1/jobs%0d%0aX: y")]
    [InlineData("/api/v1/jobs%zz")]
    [InlineData("/api/v1/jobs%2")]
    [InlineData("/api/v1/jobs#x")]
    [InlineData("/api/v1/jobs x")]
    [InlineData("/api/v1/jöbs")]
    [InlineData("/api/v1/batch")]
    [InlineData("/api/batch")]
    [InlineData("/API/V1/Batch/")]
    [InlineData("/api/v1/%62atch")]
    [InlineData("/api/v1/batch?x=1")]
    [InlineData("/api/v01/batch")]
    [InlineData("")]
    [InlineData(null)]
    public async Task A_path_that_leads_elsewhere_is_refused_with_the_whole_batch(string? path)
    {
        var witness = Create();
        var answer = await SendAsync(gateway.Anonymous(), new { id = "0", method = "POST", path = witness.Path }, new { id = "1", method = "POST", path });
        answer.Status.ShouldBe(HttpStatusCode.UnprocessableEntity, answer.Body);
        answer.Fields.ShouldBe(["requests[1].path"]);
        witness.Asked.ShouldBe(0);
    }

    [Theory]
    [InlineData("x-user-id")]
    [InlineData("X-User-Roles")]
    [InlineData("Authorization")]
    [InlineData("Cookie")]
    [InlineData("Host")]
    [InlineData("X-Forwarded-For")]
    [InlineData("Connection")]
    [InlineData("Transfer-Encoding")]
    [InlineData("Content-Length")]
    public async Task What_says_who_calls_or_how_is_no_parts_to_set(string header)
    {
        var answer = await SendAsync(gateway.Anonymous(), new { id = "1", method = "GET", path = "/api/v1/jobs", headers = new Dictionary<string, string> { [header] = "1" } });
        answer.Status.ShouldBe(HttpStatusCode.UnprocessableEntity);
        answer.Fields.ShouldBe([$"requests[0].headers.{header}"]);
    }

    [Fact]
    public async Task Every_field_at_fault_is_named()
    {
        var answer = await SendAsync(
            gateway.Anonymous(), new { id = new { }, method = "TRACE", path = "/metrics" }, new { id = "1", method = "GET", path = "/api/v1/jobs", body = 1 },
            new { id = "2", method = "PUT", path = "/api/v1/jobs", headers = new Dictionary<string, string> { ["If-Match"] = "a\nb" } });
        answer.Status.ShouldBe(HttpStatusCode.UnprocessableEntity);
        answer.Fields.ShouldBe(["requests[0].id", "requests[0].method", "requests[0].path", "requests[1].body", "requests[2].headers.If-Match"]);
        foreach (var count in (int[])[0, 21])
            (await SendAsync(gateway.Anonymous(), [.. Enumerable.Repeat<object>(new { id = "1", method = "GET", path = "/api/v1/jobs" }, count)])).Fields.ShouldBe(["requests"]);
        (await gateway.Anonymous().PostTextAsync("/api/v1/batch", "{")).Status.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Theory]
    [InlineData("\"\\ud800\"", "1")]
    [InlineData("{\"\\udfff\":1}", "\"a\"")]
    [InlineData("[1e400,\"\\u0000\"]", "\"\\ud800\"")]
    public async Task What_is_no_text_is_judged_by_the_service_alone(string body, string id)
    {
        var got = new TaskCompletionSource<string>();
        var resource = gateway.Upstream.Serve("/api/v1/scripted", async context =>
        {
            got.TrySetResult(await new StreamReader(context.Request.Body).ReadToEndAsync());
            context.Response.StatusCode = StatusCodes.Status201Created;
        });
        var answer = await gateway.Anonymous().PostTextAsync("/api/v1/batch", $$"""{"requests":[{"id":{{id}},"method":"POST","path":"{{resource.Path}}","body":{{body}}}]}""");
        answer.Status.ShouldBe(HttpStatusCode.OK, answer.Body);
        answer.Body.ShouldContain($$"""[{"id":{{id}},"status":201,""");
        (await got.Task).ShouldBe(body);
        resource.Asked.ShouldBe(1);
    }

    [Fact]
    public async Task A_part_has_the_callers_rights_and_correlation_and_nothing_of_the_callers_claims()
    {
        var user = Guid.CreateVersion7();
        var request = Batch(new { id = "1", method = "GET", path = "/api/v1/jobs" });
        foreach (var (name, value) in new[] { ("x-user-id", "forged"), ("x-user-email", "forged"), ("x-correlation-id", "batch-1"), ("Cookie", "a=b"), ("X-Forwarded-For", "10.1.2.3"), ("X-Anonymous-Id", "visitor-1") })
            request.Headers.TryAddWithoutValidation(name, value);
        var answer = await gateway.SignedIn(user, "employer").ReadAsync(request);
        var headers = answer.Data[0]!["body"]!["headers"]!.AsObject();
        headers["x-user-id"]![0]!.GetValue<string>().ShouldBe(user.ToString());
        headers["x-correlation-id"]![0]!.GetValue<string>().ShouldBe("batch-1");
        headers["x-anonymous-id"]![0]!.GetValue<string>().ShouldBe("visitor-1", "a flag's roll-out is the same in a batch");
        headers.ContainsKey("authorization").ShouldBeTrue();
        headers.ContainsKey("cookie").ShouldBeFalse();
        headers.ContainsKey("x-user-email").ShouldBeFalse();
        headers.ToJsonString().ShouldNotContain("10.1.2.3");
        answer.Headers.GetValues("x-correlation-id").ShouldBe(["batch-1"]);

        var purge = new { id = "1", method = "POST", path = "/api/v1/admin/gateway/cache/purge", body = new { tags = new[] { "cached" } } };
        (await SendAsync(gateway.SignedIn(user, "employer"), purge)).Data[0]!["status"]!.GetValue<int>().ShouldBe(403);
        (await SendAsync(gateway.Anonymous(), purge)).Data[0]!["status"]!.GetValue<int>().ShouldBe(401);
        (await SendAsync(gateway.SignedIn(user, "admin"), purge)).Data[0]!["status"]!.GetValue<int>().ShouldBe(200);
        (await SendAsync(gateway.WithToken("garbage"), purge)).Status.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task A_batch_and_its_parts_can_be_idempotent()
    {
        var (resource, key) = (Create(), Guid.CreateVersion7().ToString());
        object part = new { id = "1", method = "POST", path = resource.Path, headers = new Dictionary<string, string> { ["Idempotency-Key"] = key }, body = new { } };
        var client = gateway.SignedIn(Guid.CreateVersion7(), "employer");
        var first = await SendAsync(client, part);
        var second = await SendAsync(client, part);
        second.Data[0]!["body"]!.ToJsonString().ShouldBe(first.Data[0]!["body"]!.ToJsonString());
        second.Data[0]!["headers"]!["idempotent-replayed"]!.GetValue<string>().ShouldBe("true");
        resource.Asked.ShouldBe(1);

        client.DefaultRequestHeaders.Add("Idempotency-Key", Guid.CreateVersion7().ToString());
        var whole = await SendAsync(client, new { id = "1", method = "POST", path = resource.Path, body = new { } });
        (await SendAsync(client, new { id = "1", method = "POST", path = resource.Path, body = new { } })).Body.ShouldBe(whole.Body);
        resource.Asked.ShouldBe(2);
    }

    [Fact]
    public async Task A_part_is_served_from_the_cache_and_purges_it()
    {
        var resource = gateway.Upstream.Serve("/api/v1/cached", context =>
        {
            context.Response.Headers.CacheControl = "public, max-age=60";
            return context.Response.WriteAsync("{}");
        });
        object read = new { id = "r", method = "GET", path = resource.Path };
        string CacheOf(Answer answer) => answer.Data[0]!["headers"]!["x-cache"]!.GetValue<string>();
        CacheOf(await SendAsync(gateway.Anonymous(), read)).ShouldBe("MISS");
        CacheOf(await SendAsync(gateway.Anonymous(), read)).ShouldBe("HIT");
        await SendAsync(gateway.Anonymous(), new { id = "w", method = "PUT", path = resource.Path, body = new { } });
        CacheOf(await SendAsync(gateway.Anonymous(), read)).ShouldBe("MISS");
    }

    [Fact]
    public async Task Text_is_text_and_bytes_are_base64()
    {
        Resource Says(string type, byte[] body) => gateway.Upstream.Serve("/api/v1/scripted", context =>
        {
            context.Response.ContentType = type;
            return context.Response.Body.WriteAsync(body).AsTask();
        });
        Resource[] resources =
        [
            Says("text/plain; charset=utf-8", "grüß"u8.ToArray()), Says("application/octet-stream", [0, 255]), Says("application/json", "{not json"u8.ToArray()),
            Says("application/ld+json", "{\"@id\":\"1\"}"u8.ToArray()), Says("application/json", []),
        ];
        var answer = await SendAsync(gateway.Anonymous(), [.. resources.Select(r => new { id = "1", method = "GET", path = r.Path })]);
        answer.Data.AsArray().Select(p => p!["body"]?.ToString()).ShouldBe(["grüß", "AP8=", Convert.ToBase64String("{not json"u8), "{\n  \"@id\": \"1\"\n}", null]);
        answer.Data.AsArray().Select(p => p!["bodyEncoding"]?.ToString()).ShouldBe([null, "base64", "base64", null, null]);
    }

    [Fact]
    public async Task An_answer_too_long_for_a_batch_or_broken_off_spoils_no_other()
    {
        var endless = gateway.Upstream.Serve("/api/v1/scripted", async context =>
        {
            while (!context.RequestAborted.IsCancellationRequested)
                await context.Response.WriteAsync(new string('x', 100_000), context.RequestAborted);
        });
        var broken = gateway.Upstream.Serve("/api/v1/scripted", ScriptedUpstream.BreakOffAsync);
        var answer = await SendAsync(
            gateway.Anonymous(), new { id = "1", method = "GET", path = endless.Path }, new { id = "2", method = "GET", path = broken.Path },
            new { id = "3", method = "GET", path = "/api/v1/jobs" });
        answer.Data.AsArray().Select(p => p!["status"]!.GetValue<int>()).ShouldBe([502, 503, 200]);
        answer.Data[0]!["body"]!["error"]!["code"]!.GetValue<string>().ShouldBe("BATCH_ANSWER_TOO_LONG");
    }

    [Fact]
    public async Task A_client_that_hangs_up_ends_its_parts()
    {
        var (arrived, ended) = (new TaskCompletionSource(), new TaskCompletionSource());
        var resource = gateway.Upstream.Serve("/api/v1/scripted", async context =>
        {
            arrived.SetResult();
            await ScriptedUpstream.HangAsync(context).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            ended.SetResult();
        });
        using var patience = new CancellationTokenSource();
        var batch = gateway.Anonymous().SendAsync(Batch(new { id = "1", method = "GET", path = resource.Path }), patience.Token);
        await arrived.Task;
        await patience.CancelAsync();
        await ended.Task.WaitAsync(TimeSpan.FromSeconds(4), TestContext.Current.CancellationToken);
        await Should.ThrowAsync<OperationCanceledException>(() => batch);
    }

    [Fact]
    public async Task It_is_reached_without_a_version_too() =>
        (await gateway.Anonymous().PostAsync("/api/batch", new { requests = new[] { new { id = "1", method = "GET", path = "/api/jobs" } } })).Data[0]!["status"]!.GetValue<int>().ShouldBe(200);

    private static void InterlockedMax(ref int most, int now)
    {
        for (var seen = Volatile.Read(ref most); now > seen && Interlocked.CompareExchange(ref most, now, seen) != seen; seen = Volatile.Read(ref most))
        {
            // Somebody else's maximum came first.
        }
    }

    private Resource Create() => gateway.Upstream.Serve("/api/v1/scripted", async context =>
    {
        var seen = context.Request.ContentLength > 0 ? await JsonNode.ParseAsync(context.Request.Body) : null;
        context.Response.StatusCode = StatusCodes.Status201Created;
        context.Response.Headers.Location = $"/api/v1/scripted/{Guid.CreateVersion7()}";
        context.Response.Headers.ETag = "\"1\"";
        await context.Response.WriteAsJsonAsync(new { id = Guid.CreateVersion7(), seen });
    });

    private static HttpRequestMessage Batch(params object[] parts) => new(HttpMethod.Post, "/api/v1/batch")
    {
        Content = new StringContent(System.Text.Json.JsonSerializer.Serialize(new { requests = parts }), Encoding.UTF8, "application/json"),
    };

    private static Task<Answer> SendAsync(HttpClient client, params object[] parts) => client.ReadAsync(Batch(parts));
}
