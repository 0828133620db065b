using System.Text.Json.Nodes;
using TalentSphere.Gateway.Tests.HotConfiguration;
using TalentSphere.TestKit;

namespace TalentSphere.Gateway.Tests.Explain;

/// <summary>What the edge decided, told to administrators.</summary>
[Collection(OperatedGatewayCollection.Name)]
public sealed class ExplainTests(OperatedGateway gateway)
{
    [Fact]
    public async Task An_administrator_is_told_what_was_decided_and_the_body_stays_as_it_is()
    {
        var answer = await AskAsync(gateway.Administrator, "/api/v1/courses");
        var told = JsonNode.Parse(answer.Headers.GetValues("x-explain").Single())!;
        told["route"]!.GetValue<string>().ShouldBe("lms");
        told["upstream"]!.GetValue<string>().ShouldStartWith("lms: lms-0 http://127.0.0.1:");
        answer.Headers.CacheControl!.NoStore.ShouldBeTrue();
        answer.Json["service"]!.GetValue<string>().ShouldBe("lms");
        told["limit"]!.GetValue<string>().ShouldStartWith("user: allowed, ");
        told["cache"]!.GetValue<string>().ShouldMatch("^(miss|bypass): ");
        told["breaker"]!.GetValue<string>().ShouldBe("lms: Closed, passed");
        answer.Json["headers"]!["x-explain"].ShouldBeNull();
    }

    [Fact]
    public async Task Failures_are_explained_too()
    {
        JsonNode.Parse((await AskAsync(gateway.Administrator, "/api/v1/challenges")).Headers.GetValues("x-explain").Single())!["upstream"]!.GetValue<string>().ShouldContain("Request");
        JsonNode.Parse((await AskAsync(gateway.Administrator, "/api/v1/nothing")).Headers.GetValues("x-explain").Single())!["route"]!.GetValue<string>().ShouldBe("none");
        (await AskAsync(gateway.Administrator, "/api/v1/courses", ("X-Tenant-ID", "acme"))).Headers.GetValues("x-explain").Single().ShouldContain("Forbidden");
    }

    [Theory]
    [InlineData(null, "1")]
    [InlineData("ops", "1")]
    [InlineData("employer", "1")]
    [InlineData("admin", "0")]
    [InlineData("admin", "yes")]
    public async Task Nobody_else_is_told_and_no_service_hears_of_it(string? role, string asked)
    {
        var client = role is null ? gateway.Anonymous() : gateway.SignedIn(Guid.CreateVersion7(), role);
        client.DefaultRequestHeaders.Add("x-explain", asked);
        var answer = await client.AskAsync("/api/v1/courses");
        answer.Headers.Contains("x-explain").ShouldBeFalse();
        answer.Json["headers"]!["x-explain"].ShouldBeNull();
    }

    private static Task<Answer> AskAsync(HttpClient client, string path, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { { "x-explain", "1" } } };
        foreach (var (name, value) in headers)
            request.Headers.Add(name, value);
        return client.ReadAsync(request);
    }
}
