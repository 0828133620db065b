using System.Net;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using TalentSphere.Gateway.Edge;

namespace TalentSphere.Gateway.Tests;

/// <summary>Origins are compared to the letter.</summary>
public sealed class CorsTests(GatewayFixture gateway)
{
    [Theory]
    [InlineData("null")]
    [InlineData("https://app.talentsphere.example.")]
    [InlineData("https://app.talentsphere.example:8443")]
    [InlineData("http://app.talentsphere.example")]
    [InlineData("https://app.talentsphere.example.evil.example")]
    [InlineData("https://evil.example/https://app.talentsphere.example")]
    [InlineData("https://notapp.talentsphere.example")]
    [InlineData("https://a.app.talentsphere.example")]
    [InlineData("https://app.talentsphere.example, https://evil.example")]
    [InlineData("https://app.talentsphere.example/")]
    [InlineData("*")]
    public async Task An_origin_that_only_resembles_a_listed_one_may_not_read(string origin)
    {
        foreach (var method in (HttpMethod[])[HttpMethod.Get, HttpMethod.Options])
        {
            var request = new HttpRequestMessage(method, "/api/v1/courses");
            request.Headers.TryAddWithoutValidation("Origin", origin);
            request.Headers.Add("Access-Control-Request-Method", "POST");
            using var answer = await gateway.Anonymous().SendAsync(request);
            answer.Headers.Where(h => h.Key.StartsWith("Access-Control-", StringComparison.OrdinalIgnoreCase)).ShouldBeEmpty();
        }
    }

    [Fact]
    public async Task A_page_may_read_every_header_that_the_edge_sets()
    {
        var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/courses") { Headers = { { "Origin", GatewayFixture.ListedOrigin } } };
        using var answer = await gateway.Anonymous().SendAsync(request);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        var exposed = string.Join(',', answer.Headers.GetValues("Access-Control-Expose-Headers"));
        foreach (var name in (string[])["X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset", "RateLimit", "Retry-After", "X-Cache", "Age", "ETag", "Idempotent-Replayed", "Deprecation", "Sunset", "Link"])
            exposed.Split(',').ShouldContain(name);
    }

    [Theory]
    [InlineData("*")]
    [InlineData("null")]
    [InlineData("https://app.example/")]
    [InlineData("https://app.example/path")]
    [InlineData("app.example")]
    [InlineData("ftp://app.example")]
    [InlineData("https://user@app.example")]
    public void A_list_with_something_else_than_origins_fails_the_start(string listed)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new("Cors:Origins:0", "https://good.example"), new("Cors:Origins:1", listed)]).Build();
        Should.Throw<InvalidOperationException>(() => new ServiceCollection().AddEdgeCors(configuration)).Message.ShouldContain(listed);
    }
}
