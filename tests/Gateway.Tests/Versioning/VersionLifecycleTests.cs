using System.Net;
using Microsoft.AspNetCore.Http;
using TalentSphere.TestKit;

namespace TalentSphere.Gateway.Tests.Versioning;

/// <summary>A version comes, is deprecated, and goes.</summary>
[Collection(nameof(ScriptedGateway))]
public sealed class VersionLifecycleTests(ScriptedGateway gateway)
{
    [Fact]
    public async Task The_first_version_of_the_status_page_says_that_it_goes_and_where_to_go()
    {
        foreach (var path in (string[])["/api/v1/status", "/api/status"])
        {
            var answer = await gateway.Anonymous().AskAsync(path);
            answer.Status.ShouldBe(HttpStatusCode.OK, answer.Body);
            answer.Headers.GetValues("API-Version").ShouldBe(["v1"]);
            answer.Headers.GetValues("Deprecation").Single().ShouldMatch("^@[0-9]{10}$");
            answer.Headers.GetValues("Sunset").Single().ShouldEndWith("GMT");
            answer.Headers.GetValues("Link").ShouldBe(["</api/v2/status>; rel=\"successor-version\""]);
            answer.Data["challenges"]!.GetValue<string>().ShouldBe("away");
            answer.Body.ShouldNotContain("127.0.0.1");
        }
    }

    [Theory]
    [InlineData("/api/v2/status", null)]
    [InlineData("/api/status", "v2")]
    [InlineData("/api/status", "2")]
    [InlineData("/api/status?version=2", null)]
    public async Task The_second_version_has_its_own_shape_and_nothing_to_warn_of(string path, string? header)
    {
        var answer = await AskAsync(path, header);
        answer.Status.ShouldBe(HttpStatusCode.OK, answer.Body);
        answer.Headers.GetValues("API-Version").ShouldBe(["v2"]);
        answer.Headers.Contains("Deprecation").ShouldBeFalse();
        answer.Headers.Contains("Sunset").ShouldBeFalse();
        var challenges = answer.Data.AsArray().Single(s => s!["service"]!.GetValue<string>() == "challenges")!;
        challenges["state"]!.GetValue<string>().ShouldBe("away");
        challenges["since"]!.GetValue<string>().ShouldEndWith("Z");
        answer.Body.ShouldNotContain("127.0.0.1");
    }

    [Theory]
    [InlineData("/api/v2/jobs", null)]
    [InlineData("/api/v2/jobs/1/apply", null)]
    [InlineData("/api/jobs", "v2")]
    [InlineData("/api/v3/status", null)]
    [InlineData("/api/v1/status", "v2")]
    [InlineData("/api/v2/status?version=1", null)]
    public async Task A_version_that_a_route_does_not_have_is_400(string path, string? header)
    {
        var answer = await AskAsync(path, header);
        answer.Status.ShouldBe(HttpStatusCode.BadRequest, answer.Body);
        answer.Code.ShouldBe("VERSION_UNSUPPORTED");
    }

    [Fact]
    public async Task A_proxied_route_says_it_too_beside_its_own_links_and_it_is_counted()
    {
        var resource = gateway.Upstream.Serve("/api/v1/old", context =>
        {
            context.Response.Headers.Link = "</api/v1/old?page=2>; rel=\"next\"";
            return context.Response.WriteAsync("{}");
        });
        var answer = await gateway.Anonymous().AskAsync(resource.Path);
        answer.Headers.GetValues("Deprecation").ShouldBe(["@1767225600"]);
        answer.Headers.GetValues("Sunset").ShouldBe(["Tue, 01 Jan 2999 00:00:00 GMT"]);
        answer.Headers.GetValues("Link").ShouldBe(["</api/v1/old?page=2>; rel=\"next\"", "</api/v2/old>; rel=\"successor-version\""]);
        (await gateway.Anonymous().AskAsync("/api/v1/old/none")).Headers.Contains("Deprecation").ShouldBeTrue();
        (await gateway.Anonymous().GetStringAsync("/metrics")).ShouldContain("gateway_deprecated_requests_total{route=\"old\"}");
    }

    [Fact]
    public async Task Past_its_sunset_a_version_is_gone()
    {
        var resource = gateway.Upstream.Serve("/api/v1/gone", context => context.Response.WriteAsync("{}"));
        var answer = await gateway.Anonymous().AskAsync(resource.Path);
        answer.Status.ShouldBe(HttpStatusCode.Gone);
        answer.Code.ShouldBe("VERSION_GONE");
        answer.Headers.GetValues("Link").ShouldBe(["</api/v2/gone>; rel=\"successor-version\""]);
        answer.Headers.Contains("Sunset").ShouldBeTrue();
        resource.Asked.ShouldBe(0);
    }

    [Fact]
    public async Task The_merged_document_has_a_tag()
    {
        using var first = await gateway.Anonymous().GetAsync("/api/openapi.json");
        var request = new HttpRequestMessage(HttpMethod.Get, "/api/openapi.json");
        request.Headers.IfNoneMatch.Add(first.Headers.ETag!);
        var second = await gateway.Anonymous().ReadAsync(request);
        second.Status.ShouldBe(HttpStatusCode.NotModified);
        second.Body.ShouldBeEmpty();
    }

    private Task<Answer> AskAsync(string path, string? header)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (header is not null)
            request.Headers.Add("Accept-Version", header);
        return gateway.Anonymous().ReadAsync(request);
    }
}
