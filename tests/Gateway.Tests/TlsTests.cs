using System.Net;
using TalentSphere.Gateway.Tests.Raw;

namespace TalentSphere.Gateway.Tests;

/// <summary>Behind TLS.</summary>
public sealed class TlsTests(GuardedGatewayFixture gateway)
{
    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task Both_versions_are_spoken_and_browsers_are_told_to_stay(string version)
    {
        using var answer = await AskAsync(version, "/api/v1/jobs/tls");
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        answer.Version.ShouldBe(Version.Parse(version));
        answer.Headers.GetValues("Strict-Transport-Security").ShouldBe(["max-age=31536000; includeSubDomains"]);
        answer.Headers.Contains("Server").ShouldBeFalse();
    }

    [Fact]
    public async Task Http_2_is_what_a_client_that_may_choose_gets()
    {
        using var client = new HttpClient(gateway.Trusting()) { BaseAddress = gateway.Https, DefaultRequestVersion = HttpVersion.Version20, DefaultVersionPolicy = HttpVersionPolicy.RequestVersionOrLower };
        using var answer = await client.GetAsync("/health");
        answer.Version.ShouldBe(HttpVersion.Version20);
    }

    [Fact]
    public async Task Errors_carry_it_too()
    {
        using var answer = await AskAsync("2.0", "/nothing");
        answer.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        answer.Headers.Contains("Strict-Transport-Security").ShouldBeTrue();
    }

    [Fact]
    public async Task Without_tls_nobody_is_told_so()
    {
        using var answer = await new HttpClient { BaseAddress = gateway.Http }.GetAsync("/health");
        answer.Headers.Contains("Strict-Transport-Security").ShouldBeFalse();
    }

    private async Task<HttpResponseMessage> AskAsync(string version, string path)
    {
        using var client = new HttpClient(gateway.Trusting()) { BaseAddress = gateway.Https, DefaultRequestVersion = Version.Parse(version), DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact };
        return await client.GetAsync(path);
    }
}
