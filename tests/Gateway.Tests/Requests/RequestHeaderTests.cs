using TalentSphere.Gateway.Tests.Raw;
using TalentSphere.TestKit;

namespace TalentSphere.Gateway.Tests.Requests;

/// <summary>Which headers a service gets to see.</summary>
public sealed class RequestHeaderTests(GuardedGatewayFixture gateway)
{
    private static readonly Guid _user = Guid.CreateVersion7();

    [Theory]
    [InlineData("X-User-Id")]
    [InlineData("x-user-roles")]
    [InlineData("X-USER-ANYTHING")]
    [InlineData("x_user_id")]
    [InlineData("X_User-Id")]
    [InlineData("x-user_id")]
    [InlineData("X-Real-IP")]
    [InlineData("Forwarded")]
    [InlineData("X-Forwarded-User")]
    [InlineData("X-Forwarded-Prefix")]
    [InlineData("X-Forwarded-Port")]
    [InlineData("X-Forwarded-Client-Cert")]
    [InlineData("X-Original-URL")]
    [InlineData("X-Original-For")]
    [InlineData("X-Rewrite-URL")]
    [InlineData("X-HTTP-Method-Override")]
    [InlineData("X-HTTP-Method")]
    [InlineData("X-Method-Override")]
    [InlineData("X-Client-IP")]
    [InlineData("True-Client-IP")]
    [InlineData("Cookie")]
    [InlineData("Keep-Alive")]
    [InlineData("TE")]
    [InlineData("Trailer")]
    [InlineData("Proxy-Authorization")]
    [InlineData("Proxy-Connection")]
    public async Task A_header_that_claims_what_only_the_gateway_may_say_does_not_pass(string name)
    {
        var seen = await SeenAsync($"{name}: forged\r\n");
        seen.Names.ShouldNotContain(name.ToLowerInvariant());
        seen.Head.ShouldNotContain("forged");
    }

    [Fact]
    public async Task Where_a_caller_comes_from_is_what_the_gateway_saw()
    {
        var seen = await SeenAsync("X-Forwarded-For: 203.0.113.7\r\nX-Forwarded-For: 203.0.113.8\r\nX-Forwarded-Proto: gopher\r\nX-Forwarded-Host: evil.example\r\n");
        seen.Header("X-Forwarded-For").ShouldBe("127.0.0.1");
        seen.Header("X-Forwarded-Proto").ShouldBe("http");
        seen.Header("X-Forwarded-Host").ShouldBe(gateway.Http.Authority);
        seen.Names.Count(n => n.StartsWith("x-forwarded-", StringComparison.Ordinal)).ShouldBe(3, seen.Head);
    }

    [Fact]
    public async Task Identity_comes_from_the_token_alone()
    {
        var seen = await SeenAsync($"Authorization: Bearer {TestTokens.Mint(_user, "employer", "ops")}\r\nx-user-id: 1\r\nX-User-Roles: admin\r\n");
        seen.Head.ShouldContain($"x-user-id: {_user}");
        seen.Head.ShouldContain("x-user-roles: employer,ops");
        seen.Names.Count(n => n.StartsWith("x-user-", StringComparison.Ordinal)).ShouldBe(2, seen.Head);
    }

    [Fact]
    public async Task What_a_client_calls_hop_by_hop_is_gone_for_the_gateway_and_the_service_alike()
    {
        var token = TestTokens.Mint(_user, "employer");
        var seen = await SeenAsync($"Authorization: Bearer {token}\r\nX-Hop: 1\r\nx-correlation-id: mine\r\nX-End: 1\r\n", "X-Hop, Authorization, x-correlation-id");
        seen.Names.Intersect(["x-hop", "authorization", "x-user-id", "connection"]).ShouldBeEmpty(seen.Head);
        seen.Names.ShouldContain("x-end");
        seen.Header("x-correlation-id").ShouldNotBeNull().ShouldNotBe("mine");
    }

    [Fact]
    public async Task A_client_cannot_call_hop_by_hop_what_says_where_it_comes_from_and_how_long_it_is()
    {
        var seen = await SeenAsync("", "X-Forwarded-For, X-Forwarded-Proto, Host, Content-Length");
        seen.Header("X-Forwarded-For").ShouldBe("127.0.0.1");
        seen.Header("Host").ShouldNotBeNullOrEmpty();
    }

    [Fact]
    public async Task Everything_else_passes_to_the_byte()
    {
        // UTF-8, one character for each byte.
        var seen = await SeenAsync("X-Said: \u00c3\u00bc\r\nAccept-Language: de\r\nIf-Match: \"a\"\r\n");
        seen.Header("X-Said").ShouldBe("\u00c3\u00bc");
        seen.Header("Accept-Language").ShouldBe("de");
        seen.Header("If-Match").ShouldBe("\"a\"");
    }

    [Fact]
    public async Task What_a_service_says_in_a_header_passes_to_the_byte() =>
        (await RawHttp.ExchangeAsync(gateway.Http, $"GET /api/v1/jobs/1 HTTP/1.1\r\nHost: {gateway.Http.Authority}\r\nConnection: close\r\n\r\n")).Text.ShouldContain("X-Said: \u00fc\r\n");

    private async Task<RawRequest> SeenAsync(string headers, string connection = "keep-alive")
    {
        var path = "/api/v1/jobs/" + Guid.CreateVersion7().ToString("N");
        var host = gateway.Http.Authority;
        var answers = await RawHttp.ExchangeAsync(
            gateway.Http, $"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: {connection}\r\n{headers}\r\nGET /health HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        answers.Statuses.ShouldBe([200, 200], answers.Text);
        return gateway.Jobs.RequestsWith(path).ShouldHaveSingleItem();
    }
}
