using System.Net;
using System.Text.RegularExpressions;
using TalentSphere.Gateway.Edge;
using TalentSphere.TestKit;

namespace TalentSphere.Gateway.Tests;

/// <summary>What stands on the public port and is not public, and the one page that runs scripts.</summary>
public sealed partial class InsideTests(GatewayFixture gateway)
{
    [Fact]
    public async Task A_neighbour_that_asks_by_itself_may_read_the_metrics()
    {
        using var answer = await gateway.Anonymous().GetAsync("/metrics");
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        answer.Content.Headers.ContentType!.MediaType.ShouldBe("text/plain");
    }

    [Theory]
    [InlineData("X-Forwarded-For", "203.0.113.7")]
    [InlineData("X-Forwarded-For", "127.0.0.1")]
    [InlineData("Forwarded", "for=203.0.113.7")]
    [InlineData("X-Original-For", "203.0.113.7:1234")]
    public async Task Who_asks_through_a_proxy_is_told_that_there_are_none(string header, string value)
    {
        var answer = await gateway.Anonymous().ReadAsync(new HttpRequestMessage(HttpMethod.Get, "/METRICS") { Headers = { { header, value } } });
        answer.Status.ShouldBe(HttpStatusCode.NotFound);
        answer.Code.ShouldBe("NOT_FOUND");
    }

    [Theory]
    [InlineData("127.0.0.1", true)]
    [InlineData("::1", true)]
    [InlineData("10.244.3.9", true)]
    [InlineData("::ffff:10.244.3.9", true)]
    [InlineData("172.31.255.1", true)]
    [InlineData("192.168.1.1", true)]
    [InlineData("100.64.0.1", true)]
    [InlineData("fd00::1", true)]
    [InlineData("172.32.0.1", false)]
    [InlineData("203.0.113.7", false)]
    [InlineData("::ffff:203.0.113.7", false)]
    [InlineData("2001:db8::1", false)]
    public void Neighbours_have_private_addresses(string address, bool inside) => MetricsInside.IsInside(IPAddress.Parse(address)).ShouldBe(inside);

    [Fact]
    public async Task The_documentation_needs_nothing_that_its_policy_forbids()
    {
        using var page = await gateway.Anonymous().GetAsync("/api/docs/index.html");
        var policy = page.Headers.GetValues("Content-Security-Policy").Single();
        policy.ShouldContain("script-src 'self';");
        policy.ShouldNotContain("unsafe-eval");
        var html = await page.Content.ReadAsStringAsync();
        var scripts = Scripts().Matches(html);
        scripts.Count.ShouldBeGreaterThan(1);
        foreach (Match script in scripts)
        {
            script.Groups["text"].Value.Trim().ShouldBeEmpty("no script stands in the page itself");
            var source = Source().Match(script.Groups["attributes"].Value).Groups["source"].Value;
            using var answer = await gateway.Anonymous().GetAsync(new Uri(new Uri(gateway.Address, "/api/docs/index.html"), source));
            answer.StatusCode.ShouldBe(HttpStatusCode.OK, source);
            answer.RequestMessage!.RequestUri!.Authority.ShouldBe(gateway.Address.Authority);
        }
    }

    [GeneratedRegex("<script(?<attributes>[^>]*)>(?<text>.*?)</script>", RegexOptions.ExplicitCapture | RegexOptions.Singleline)]
    private static partial Regex Scripts();

    [GeneratedRegex("src=\"(?<source>[^\"]+)\"", RegexOptions.ExplicitCapture)]
    private static partial Regex Source();
}
