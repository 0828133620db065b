using System.Net;
using TalentSphere.Gateway.Edge.Requests;
using TalentSphere.Gateway.Tests.Raw;

namespace TalentSphere.Gateway.Tests.Requests;

/// <summary>One path, one meaning: what is forwarded is what was looked at.</summary>
public sealed class RequestTargetTests(GuardedGatewayFixture gateway)
{
    [Theory]
    [InlineData("/api/v1/jobs/..%2fauth/users")]
    [InlineData("/api/v1/jobs/..%2Fauth/users")]
    [InlineData("/api/v1/jobs%2f..%2f..%2f..%2finternal/revocations")]
    [InlineData("/api/v1/jobs/%2e%2e/auth/users")]
    [InlineData("/api/v1/jobs/.%2E/auth/users")]
    [InlineData("/api/v1/jobs/../auth/users")]
    [InlineData("/api/v1/jobs/./1")]
    [InlineData("/api/v1/jobs/..")]
    [InlineData("/api/v1/jobs/%252e%252e/%252e%252e/internal/revocations")]
    [InlineData("/api/v1/jobs/%252e%252e%252finternal")]
    [InlineData("/api/v1/jobs/%25252e")]
    [InlineData("/api/v1/jobs/..%5cauth")]
    [InlineData("/api/v1/jobs/..\\auth")]
    [InlineData("//api/v1/jobs")]
    [InlineData("/api//v1/jobs")]
    [InlineData("/api/v1/jobs//1")]
    [InlineData("/api/v1/jobs/1%00")]
    [InlineData("/api/v1/jobs/1%0d%0aX-A:%20b")]
    [InlineData("/api/v1/jobs/1%7f")]
    [InlineData("/api/v1/jobs;a=b/1")]
    [InlineData("/api/v1/jobs/..;/..;/internal/revocations")]
    [InlineData("/api/v1/jobs/1%3ba=b")]
    [InlineData("/api/v1/jobs/%c0%ae%c0%ae/auth")]
    [InlineData("/api/v1/jobs/%e0%80%af")]
    [InlineData("/api/v1/jobs/%ff")]
    [InlineData("/api/v1/jobs/%zz")]
    [InlineData("/api/v1/jobs/%u002e")]
    [InlineData("/api/v1/jobs/\u00fc")]
    public async Task A_path_in_disguise_is_400_and_reaches_nobody(string path)
    {
        var mark = Guid.CreateVersion7().ToString("N");
        var answers = await RawHttp.ExchangeAsync(gateway.Http, $"GET {path}?{mark} HTTP/1.1\r\nHost: {gateway.Http.Authority}\r\nConnection: close\r\n\r\n");
        answers.Statuses.ShouldBe([400], answers.Text);
        answers.Text.ShouldNotContain("Server:", Case.Insensitive);
        gateway.Jobs.RequestsWith(mark).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("/internal/revocations")]
    [InlineData("/api/v1/jobs./1")]
    [InlineData("/api/v1/jobs%20/1")]
    [InlineData("/jobs/1")]
    [InlineData("/openapi/v2.json")]
    [InlineData("/hubs/jobs")]
    [InlineData("/api/v1/admin/judge/events")]
    [InlineData("/api/v1/internal/revocations")]
    public async Task What_no_route_names_is_not_there(string path)
    {
        using var answer = await gateway.Anonymous().GetAsync(path);
        answer.StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData("/API/V1/Jobs/Mixed-{0}", "/API/v1/Jobs/Mixed-{0}")]
    [InlineData("/api/v1/jobs/a%20b-{0}", "/api/v1/jobs/a%20b-{0}")]
    [InlineData("/api/v1/jobs/%7Etilde-{0}", "/api/v1/jobs/~tilde-{0}")]
    [InlineData("/api/v1/jobs/%C3%BC-{0}?q=%2f;%25//", "/api/v1/jobs/%C3%BC-{0}?q=%2f;%25//")]
    [InlineData("/api/v1/jobs/...-{0}", "/api/v1/jobs/...-{0}")]
    [InlineData("/api/v1/jobs/{0}/", "/api/v1/jobs/{0}/")]
    public async Task A_plain_path_is_forwarded_as_it_was_read(string path, string forwarded)
    {
        var mark = Guid.CreateVersion7().ToString("N");
        var answers = await RawHttp.ExchangeAsync(
            gateway.Http, $"GET {string.Format(path, mark)} HTTP/1.1\r\nHost: {gateway.Http.Authority}\r\nConnection: close\r\n\r\n");
        answers.Statuses.ShouldBe([200], answers.Text);
        gateway.Jobs.RequestsWith(mark).ShouldHaveSingleItem().Line.ShouldBe($"GET {string.Format(forwarded, mark)} HTTP/1.1", StringCompareShould.IgnoreCase);
    }

    [Theory]
    [InlineData("TRACE", "/api/v1/jobs", 405)]
    [InlineData("CONNECT", "elsewhere.example:443", 400)]
    [InlineData("CONNECT", "/api/v1/jobs", 405)]
    [InlineData("OPTIONS", "*", 404)]
    public async Task Methods_that_open_a_tunnel_or_echo_are_refused(string method, string target, int status)
    {
        var mark = Guid.CreateVersion7().ToString("N");
        var answers = await RawHttp.ExchangeAsync(gateway.Http, $"{method} {target} HTTP/1.1\r\nHost: {gateway.Http.Authority}\r\nX-Mark: {mark}\r\nConnection: close\r\n\r\n");
        answers.Statuses.ShouldBe([status], answers.Text);
        gateway.Jobs.RequestsWith(mark).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("/a/b", "/a/b", true)]
    [InlineData("/a/b", "/a/b?c=//../%2e", true)]
    [InlineData("/a b", "/a%20b", true)]
    [InlineData("/b", "/a/../b", false)]
    [InlineData("/b", "/a/%2E./b", false)]
    [InlineData("/a", "http://host/a", true)]
    [InlineData("/a", "http://host/b/../a", false)]
    [InlineData("/", "http://host", true)]
    [InlineData("", "*", true)]
    [InlineData("/...", "/%2e%2e%2e", true)]
    [InlineData("/a%2fb", "/a%2fb", false)]
    public void A_path_is_plain_when_every_reader_reads_it_alike(string path, string target, bool plain) =>
        RequestTargetMiddleware.IsCanonical(path, target).ShouldBe(plain);
}
