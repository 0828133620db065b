using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using TalentSphere.TestKit;

namespace TalentSphere.Gateway.Tests;

/// <summary>What every answer carries, and what is refused at the door.</summary>
public sealed class EdgeTests(GatewayFixture gateway)
{
    [Theory]
    [InlineData("/api/v1/courses", 200)]
    [InlineData("/api/v1/courses/boastful", 200)]
    [InlineData("/api/v1/nothing-of-the-kind", 404)]
    [InlineData("/nothing", 404)]
    [InlineData("/api/v7/courses", 400)]
    [InlineData("/api/v1/challenges", 503)]
    [InlineData("/api/v1/courses/slow", 504)]
    [InlineData("/health", 200)]
    [InlineData("/health/deep", 401)]
    [InlineData("/api/openapi.json", 200)]
    [InlineData("/api/docs/index.html", 200)]
    public async Task Security_headers_stand_on_every_answer(string path, int status)
    {
        using var response = await gateway.Anonymous().GetAsync(path);
        ((int)response.StatusCode).ShouldBe(status);
        Header(response, "X-Content-Type-Options").ShouldBe("nosniff");
        Header(response, "X-Frame-Options").ShouldBe("DENY");
        Header(response, "Referrer-Policy").ShouldBe("no-referrer");
        Header(response, "Content-Security-Policy").ShouldStartWith("default-src 'none'");
        Header(response, "Permissions-Policy").ShouldNotBeNullOrEmpty();
        Header(response, "Cross-Origin-Resource-Policy").ShouldBe("same-origin");
        Header(response, "Cross-Origin-Opener-Policy").ShouldBe("same-origin");
        Header(response, "Vary").ShouldNotBeNull().ShouldContain("Origin");
        Header(response, "API-Version").ShouldBe("v1");
        Header(response, "x-correlation-id").ShouldNotBeNullOrEmpty();
        Header(response, "Server").ShouldBeNull();
        Header(response, "X-Powered-By").ShouldBeNull();
    }

    [Fact]
    public async Task A_sane_correlation_id_is_taken_on_and_comes_back()
    {
        var answer = await CorrelatedAsync("/api/v1/courses", "Order-4711.a_b");
        answer.Headers.GetValues("x-correlation-id").ShouldBe(["Order-4711.a_b"]);
        answer.Json["headers"]!["x-correlation-id"]!.AsArray().Select(v => v!.GetValue<string>()).ShouldBe(["Order-4711.a_b"]);
        (await CorrelatedAsync("/api/v1/challenges", "Order-4711.a_b")).Json["meta"]!["correlationId"]!.GetValue<string>().ShouldBe("Order-4711.a_b");
    }

    [Theory]
    [InlineData("has space")]
    [InlineData("<script>")]
    [InlineData("a\tb")]
    [InlineData("ü")]
    public async Task An_odd_correlation_id_is_replaced(string odd)
    {
        var answer = await CorrelatedAsync("/api/v1/courses", odd);
        var made = answer.Headers.GetValues("x-correlation-id").Single();
        made.ShouldNotBe(odd);
        made.ShouldMatch("^[A-Za-z0-9._-]{1,128}$");
        answer.Json["headers"]!["x-correlation-id"]![0]!.GetValue<string>().ShouldBe(made);
        (await CorrelatedAsync("/api/v1/courses", new string('a', 129))).Headers.GetValues("x-correlation-id").Single().Length.ShouldBeLessThan(129);
    }

    [Fact]
    public async Task A_trace_goes_on_upstream()
    {
        const string trace = "4bf92f3577b34da6a3ce929d0e0e4736";
        var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/courses") { Headers = { { "traceparent", $"00-{trace}-00f067aa0ba902b7-01" } } };
        var seen = (await gateway.Anonymous().ReadAsync(request)).Json["headers"]!["traceparent"]![0]!.GetValue<string>();
        seen.ShouldStartWith($"00-{trace}-");
        seen.ShouldNotContain("00f067aa0ba902b7");
    }

    [Fact]
    public async Task A_listed_origin_may_read_and_an_unlisted_one_may_not()
    {
        using var listed = await FromOriginAsync(HttpMethod.Get, "/api/v1/courses", GatewayFixture.ListedOrigin);
        Header(listed, "Access-Control-Allow-Origin").ShouldBe(GatewayFixture.ListedOrigin);
        Header(listed, "Access-Control-Allow-Credentials").ShouldBe("true");
        Header(listed, "Access-Control-Expose-Headers")!.ShouldContain("x-correlation-id");
        Header(listed, "Vary").ShouldNotBeNull().ShouldContain("Origin");

        using var unlisted = await FromOriginAsync(HttpMethod.Get, "/api/v1/courses", "https://evil.example");
        Header(unlisted, "Access-Control-Allow-Origin").ShouldBeNull();
    }

    [Theory]
    [InlineData("/api/v1/challenges", HttpStatusCode.ServiceUnavailable)]
    [InlineData("/api/v1/nothing-of-the-kind", HttpStatusCode.NotFound)]
    [InlineData("/api/v9/courses", HttpStatusCode.BadRequest)]
    public async Task A_browser_can_read_failures_too(string path, HttpStatusCode status)
    {
        using var response = await FromOriginAsync(HttpMethod.Get, path, GatewayFixture.ListedOrigin);
        response.StatusCode.ShouldBe(status);
        Header(response, "Access-Control-Allow-Origin").ShouldBe(GatewayFixture.ListedOrigin);
    }

    [Fact]
    public async Task A_preflight_is_answered_at_the_door()
    {
        using var response = await FromOriginAsync(
            HttpMethod.Options, "/api/v1/auth/login", GatewayFixture.ListedOrigin,
            ("Access-Control-Request-Method", "PATCH"), ("Access-Control-Request-Headers", "authorization,content-type"));
        response.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        Header(response, "Access-Control-Allow-Methods").ShouldNotBeNull();
        Header(response, "Access-Control-Allow-Headers")!.ShouldContain("authorization");
        Header(response, "Access-Control-Max-Age").ShouldBe("600");

        using var unlisted = await FromOriginAsync(
            HttpMethod.Options, "/api/v1/auth/login", "https://evil.example", ("Access-Control-Request-Method", "POST"));
        Header(unlisted, "Access-Control-Allow-Origin").ShouldBeNull();
        Header(unlisted, "Access-Control-Allow-Methods").ShouldBeNull();
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    public async Task Large_text_is_compressed_for_whoever_asks(string encoding)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/courses/large");
        request.Headers.AcceptEncoding.Add(new StringWithQualityHeaderValue(encoding));
        using var response = await gateway.Anonymous().SendAsync(request);
        response.Content.Headers.ContentEncoding.ShouldBe([encoding]);
        response.Headers.Vary.ShouldContain("Accept-Encoding");
        var packed = await response.Content.ReadAsByteArrayAsync();
        packed.Length.ShouldBeLessThan(4000);
        await using Stream unpacked = encoding == "br"
            ? new BrotliStream(new MemoryStream(packed), CompressionMode.Decompress)
            : new GZipStream(new MemoryStream(packed), CompressionMode.Decompress);
        (await JsonNode.ParseAsync(unpacked))!["text"]!.GetValue<string>().Length.ShouldBe(42_000);

        using var plain = await gateway.Anonymous().GetAsync("/api/v1/courses/large");
        plain.Content.Headers.ContentEncoding.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task More_than_a_megabyte_is_413(bool chunked)
    {
        var answer = await SendBytesAsync(1024 * 1024 + 1, chunked);
        answer.Status.ShouldBe(HttpStatusCode.RequestEntityTooLarge);
        answer.Code.ShouldBe("PAYLOAD_TOO_LARGE");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_megabyte_passes(bool chunked)
    {
        // Chunked, the frames around the chunks count as well.
        var answer = await SendBytesAsync(1_000_000, chunked);
        answer.Status.ShouldBe(HttpStatusCode.OK);
        answer.Json["body"]!.GetValue<string>().ShouldBe("1000000");
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("POST")]
    [InlineData("PUT")]
    [InlineData("PATCH")]
    [InlineData("DELETE")]
    public async Task Method_path_query_and_body_arrive_as_they_were_sent(string method)
    {
        var request = new HttpRequestMessage(new HttpMethod(method), "/api/v1/jobs/a%20b?q=c%23&empty=");
        if (method != "GET")
            request.Content = new StringContent("""{"a":"ü"}""", Encoding.UTF8, "application/json");
        var answer = await gateway.Anonymous().ReadAsync(request);
        answer.Json["service"]!.GetValue<string>().ShouldBe("jobs");
        answer.Json["method"]!.GetValue<string>().ShouldBe(method);
        answer.Json["path"]!.GetValue<string>().ShouldBe("/api/v1/jobs/a b");
        answer.Json["query"]!.GetValue<string>().ShouldBe("?q=c%23&empty=");
        answer.Json["body"]!.GetValue<string>().ShouldBe(method == "GET" ? "" : """{"a":"ü"}""");
    }

    [Theory]
    [InlineData("/api/v1/auth/me", "auth")]
    [InlineData("/api/v1/courses", "lms")]
    [InlineData("/api/v1/sections/1", "lms")]
    [InlineData("/api/v1/lessons/1/complete", "lms")]
    [InlineData("/api/v1/enrollments", "lms")]
    [InlineData("/api/v1/progress/1", "lms")]
    [InlineData("/api/v1/certificates", "lms")]
    [InlineData("/api/v1/jobs", "jobs")]
    [InlineData("/api/v1/companies", "jobs")]
    [InlineData("/api/v1/applications/1", "jobs")]
    [InlineData("/api/v1/gamification/me", "gamification")]
    [InlineData("/api/v1/notifications", "notification")]
    public async Task Each_area_has_its_service(string path, string service) =>
        (await gateway.Anonymous().AskAsync(path)).Json["service"]!.GetValue<string>().ShouldBe(service);

    [Theory]
    [InlineData("/api/v1/coursesque")]
    [InlineData("/api/v1/jobs-of-others")]
    [InlineData("/api/v1/courses/../../../metrics-of-lms")]
    [InlineData("/openapi/v2.json")]
    public async Task Nothing_else_of_a_service_can_be_reached(string path) =>
        (await gateway.Anonymous().AskAsync(path)).Status.ShouldBe(HttpStatusCode.NotFound);

    private async Task<Answer> SendBytesAsync(int length, bool chunked)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/jobs")
        {
            Content = chunked ? new StreamContent(new UnknownLength(length)) : new ByteArrayContent(Enumerable.Repeat((byte)'a', length).ToArray()),
        };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.TransferEncodingChunked = chunked;
        // A refusal may come while the body is still on its way.
        request.Headers.ExpectContinue = true;
        return await gateway.Anonymous().ReadAsync(request);
    }

    private Task<Answer> CorrelatedAsync(string path, string id)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.TryAddWithoutValidation("x-correlation-id", id);
        return gateway.Anonymous().ReadAsync(request);
    }

    private Task<HttpResponseMessage> FromOriginAsync(HttpMethod method, string path, string origin, params (string Name, string Value)[] more)
    {
        var request = new HttpRequestMessage(method, path) { Headers = { { "Origin", origin } } };
        foreach (var (name, value) in more)
            request.Headers.Add(name, value);
        return gateway.Anonymous().SendAsync(request);
    }

    private static string? Header(HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out var values) || response.Content.Headers.TryGetValues(name, out values) ? string.Join(", ", values) : null;

    /// <summary>A stream that cannot tell its length, so that it is sent in chunks.</summary>
    private sealed class UnknownLength(int length) : MemoryStream(Enumerable.Repeat((byte)'a', length).ToArray())
    {
        public override bool CanSeek => false;
    }
}
