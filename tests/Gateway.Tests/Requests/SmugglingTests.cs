using TalentSphere.Gateway.Tests.Raw;

namespace TalentSphere.Gateway.Tests.Requests;

/// <summary>
/// Where a request ends, the gateway and the service behind must never see differently (RFC 9112 §11.2): of what can be read in two ways the service hears nothing,
/// of the rest exactly what the gateway read.
/// </summary>
public sealed class SmugglingTests(GuardedGatewayFixture gateway)
{
    // Each is followed by a plain GET of /after, which closes the connection. H stands for the Host header, P for the path.
    public static TheoryData<string, string> Refused => new()
    {
        { "lengths that differ", "POST P HTTP/1.1\r\nH\r\nContent-Length: 5\r\nContent-Length: 44\r\n\r\nhello" },
        { "a list of lengths", "POST P HTTP/1.1\r\nH\r\nContent-Length: 5, 5\r\n\r\nhello" },
        { "equal lengths", "POST P HTTP/1.1\r\nH\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello" },
        { "a negative length", "POST P HTTP/1.1\r\nH\r\nContent-Length: -5\r\n\r\nhello" },
        { "a length in hexadecimal", "POST P HTTP/1.1\r\nH\r\nContent-Length: 0x5\r\n\r\nhello" },
        { "a length beyond all numbers", "POST P HTTP/1.1\r\nH\r\nContent-Length: 99999999999999999999\r\n\r\nhello" },
        { "another coding", "POST P HTTP/1.1\r\nH\r\nTransfer-Encoding: xchunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n" },
        { "a coding after chunked", "POST P HTTP/1.1\r\nH\r\nTransfer-Encoding: chunked, identity\r\n\r\n5\r\nhello\r\n0\r\n\r\n" },
        { "a space before the colon", "POST P HTTP/1.1\r\nH\r\nTransfer-Encoding : chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n" },
        { "a folded line", "POST P HTTP/1.1\r\nH\r\nTransfer-Encoding:\r\n chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n" },
        { "a header that begins with a space", "POST P HTTP/1.1\r\nH\r\n Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n" },
        { "a vertical tab", "POST P HTTP/1.1\r\nH\r\nTransfer-Encoding: \u000bchunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n" },
        { "a NUL in a header", "POST P HTTP/1.1\r\nH\r\nX-A: a\0b\r\nContent-Length: 5\r\n\r\nhello" },
        { "a bare CR in a header", "POST P HTTP/1.1\r\nH\r\nX-A: a\rTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" },
        { "a chunk size beyond all numbers", "POST P HTTP/1.1\r\nH\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\nhello\r\n0\r\n\r\n" },
        { "a negative chunk size", "POST P HTTP/1.1\r\nH\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\nhello\r\n0\r\n\r\n" },
        { "a chunk size with 0x", "POST P HTTP/1.1\r\nH\r\nTransfer-Encoding: chunked\r\n\r\n0x5\r\nhello\r\n0\r\n\r\n" },
        { "a chunk that is longer than it says", "POST P HTTP/1.1\r\nH\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhello\r\n0\r\n\r\n" },
        { "a chunk that ends with LF", "POST P HTTP/1.1\r\nH\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\n0\r\n\r\n" },
        { "two hosts", "GET P HTTP/1.1\r\nH\r\nHost: other\r\n\r\n" },
        { "no host", "GET P HTTP/1.1\r\n\r\n" },
        { "a host with odd characters", "GET P HTTP/1.1\r\nHost: a b/..\r\n\r\n" },
        { "another host in the target", "GET http://elsewhere.example/P HTTP/1.1\r\nH\r\n\r\n" },
        { "a second line in the method", "GET\rX P HTTP/1.1\r\nH\r\n\r\n" },
        { "no version", "GET P\r\nH\r\n\r\n" },
        { "a version of the future", "GET P HTTP/7.0\r\nH\r\n\r\n" },
        { "an empty header name", "GET P HTTP/1.1\r\nH\r\n: v\r\n\r\n" },
        { "a header without a colon", "GET P HTTP/1.1\r\nH\r\nX-A\r\n\r\n" },
        { "a length and an empty one", "POST P HTTP/1.1\r\nH\r\nContent-Length: 5\r\nContent-Length:\r\n\r\nhello" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task Of_what_can_be_read_in_two_ways_a_service_hears_nothing(string what, string request)
    {
        var (path, sent) = Fill(request);
        var answers = await RawHttp.ExchangeAsync(gateway.Http, sent);
        answers.Statuses.Count.ShouldBe(1, answers.Text);
        answers.Statuses[0].ShouldBeInRange(400, 505, what);
        gateway.Jobs.RequestsWith(path).ShouldBeEmpty();
        answers.Text.ShouldNotContain("Server:", Case.Insensitive);
    }

    // The statuses, then the bodies that the service has seen under the path.
    public static TheoryData<string, string, int[], string[]> Passed => new()
    {
        { "a body of a length", "POST P HTTP/1.1\r\nH\r\nContent-Length: 5\r\n\r\nhello", [200, 200], ["hello"] },
        { "chunks", "POST P HTTP/1.1\r\nH\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n", [200, 200], ["hello"] },
        { "chunked in capitals", "POST P HTTP/1.1\r\nH\r\nTransfer-Encoding: CHUNKED\r\n\r\n5\r\nhello\r\n0\r\n\r\n", [200, 200], ["hello"] },
        { "a tab before chunked", "POST P HTTP/1.1\r\nH\r\nTransfer-Encoding:\tchunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", [200, 200], ["hello"] },
        { "a chunk with an extension", "POST P HTTP/1.1\r\nH\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n0\r\n\r\n", [200, 200], ["hello"] },
        { "trailers", "POST P HTTP/1.1\r\nH\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nx-user-id: 1\r\n\r\n", [200, 200], ["hello"] },
        // The chunks hold, and the connection ends with this request (RFC 9112 §6.1).
        { "chunks and a length", "POST P HTTP/1.1\r\nH\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", [200], ["hello"] },
        { "chunks in HTTP/1.0", "POST P HTTP/1.0\r\nH\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", [200], ["hello"] },
        // The server takes the sign for part of a number; the service sees the number.
        { "a length with a sign", "POST P HTTP/1.1\r\nH\r\nContent-Length: +5\r\n\r\nhello", [200, 200], ["hello"] },
        { "a GET with a body", "GET P HTTP/1.1\r\nH\r\nContent-Length: 5\r\n\r\nhello", [200, 200], ["hello"] },
        { "two in one go", "GET P HTTP/1.1\r\nH\r\n\r\nGET P HTTP/1.1\r\nH\r\n\r\n", [200, 200, 200], ["", ""] },
        { "the whole address as target", "GET http://HP HTTP/1.1\r\nH\r\n\r\n", [200, 200], [""] },
        { "HTTP/1.0 that stays", "GET P HTTP/1.0\r\nH\r\nConnection: keep-alive\r\n\r\n", [200, 200], [""] },
        { "an upgrade to HTTP/2", "GET P HTTP/1.1\r\nH\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n", [200, 200], [""] },
        { "waiting for leave", "POST P HTTP/1.1\r\nH\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\nhello", [200, 200], ["hello"] },
    };

    [Theory]
    [MemberData(nameof(Passed))]
    public async Task Of_the_rest_it_hears_what_the_gateway_read(string what, string request, int[] statuses, string[] bodies)
    {
        var (path, sent) = Fill(request);
        var answers = await RawHttp.ExchangeAsync(gateway.Http, sent);
        answers.Statuses.ShouldBe(statuses, what + answers.Text);
        var heard = gateway.Jobs.RequestsWith(path);
        heard.Where(r => !r.Line.Contains("after", StringComparison.Ordinal)).Select(r => r.Body).ShouldBe(bodies, what);
        foreach (var one in heard)
        {
            one.Names.Count(n => n is "content-length" or "transfer-encoding").ShouldBeLessThan(2, one.Head);
            one.Head.ShouldNotContain("+5");
            one.Names.Intersect(["upgrade", "http2-settings", "expect", "trailer", "x-user-id"]).ShouldBeEmpty(one.Head);
        }
    }

    [Fact]
    public async Task Http_2_without_having_asked_reaches_nobody()
    {
        var path = "/api/v1/jobs/" + Guid.CreateVersion7().ToString("N");
        var answers = await RawHttp.ExchangeAsync(gateway.Http, $"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nGET {path} HTTP/1.1\r\nHost: {gateway.Http.Authority}\r\n\r\n");
        answers.Statuses.ShouldBeEmpty();
        gateway.Jobs.RequestsWith(path).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_service_that_answers_no_http_is_503_and_nothing_of_it_comes_through()
    {
        var host = gateway.Http.Authority;
        var answers = await RawHttp.ExchangeAsync(gateway.Http, $"GET /api/v1/jobs/garbage HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        answers.Statuses.ShouldBe([503], answers.Text);
        answers.Text.ShouldContain("UPSTREAM_UNAVAILABLE");
        answers.Text.ShouldNotContain("SSH");
    }

    private (string Path, string Sent) Fill(string request)
    {
        var path = "/api/v1/jobs/" + Guid.CreateVersion7().ToString("N");
        var host = gateway.Http.Authority;
        var filled = request.Replace("HP ", host + path + " ", StringComparison.Ordinal).Replace(" P ", $" {path} ", StringComparison.Ordinal).Replace(" P\r", $" {path}\r", StringComparison.Ordinal)
            .Replace("/P ", path + " ", StringComparison.Ordinal).Replace("\r\nH\r\n", $"\r\nHost: {host}\r\n", StringComparison.Ordinal);
        return (path, $"{filled}GET {path}/after HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    }
}
