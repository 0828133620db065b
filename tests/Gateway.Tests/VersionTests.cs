using System.Net;
using TalentSphere.TestKit;

namespace TalentSphere.Gateway.Tests;

/// <summary>Versions in the path, in a header, in the query, or not at all.</summary>
public sealed class VersionTests(GatewayFixture gateway)
{
    [Theory]
    [InlineData("/api/v1/courses/7", null)]
    [InlineData("/api/courses/7", null)]
    [InlineData("/api/courses/7", "v1")]
    [InlineData("/api/courses/7", "1")]
    [InlineData("/api/v1/courses/7", "v1")]
    [InlineData("/api/courses/7?version=1", null)]
    [InlineData("/api/courses/7?version=v1", null)]
    [InlineData("/api/v1/courses/7?version=1", "v1")]
    public async Task The_current_version_is_one_route_however_it_is_asked_for(string path, string? header)
    {
        var answer = await AskAsync(path, header);
        answer.Status.ShouldBe(HttpStatusCode.OK, answer.Body);
        answer.Json["path"]!.GetValue<string>().ShouldBe("/api/v1/courses/7");
        answer.Headers.GetValues("API-Version").ShouldBe(["v1"]);
    }

    [Theory]
    [InlineData("/api/v2/courses", null)]
    [InlineData("/api/v0/courses", null)]
    [InlineData("/api/v11/courses", null)]
    [InlineData("/api/courses", "v2")]
    [InlineData("/api/courses", "latest")]
    [InlineData("/api/v1/courses", "2")]
    [InlineData("/api/courses?version=3", null)]
    [InlineData("/api/v1/courses?version=2", null)]
    public async Task An_unknown_version_is_400(string path, string? header)
    {
        var answer = await AskAsync(path, header);
        answer.Status.ShouldBe(HttpStatusCode.BadRequest);
        answer.Code.ShouldBe("VERSION_UNSUPPORTED");
    }

    [Fact]
    public async Task Sign_in_is_reached_without_a_version_too() =>
        (await gateway.Anonymous().PostAsync("/api/auth/login", new { })).Json["path"]!.GetValue<string>().ShouldBe("/api/v1/auth/login");

    private Task<Answer> AskAsync(string path, string? header)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (header is not null)
            request.Headers.Add("Accept-Version", header);
        return gateway.Anonymous().ReadAsync(request);
    }
}
