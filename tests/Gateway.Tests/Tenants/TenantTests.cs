using System.Net;
using TalentSphere.Gateway.Tests.HotConfiguration;
using TalentSphere.TestKit;

namespace TalentSphere.Gateway.Tests.Tenants;

/// <summary>Tenants over HTTP: checked at the door, told to services by the gateway alone.</summary>
[Collection(OperatedGatewayCollection.Name)]
public sealed class TenantTests(OperatedGateway gateway)
{
    [Fact]
    public async Task Services_get_the_tenant_that_was_checked_and_no_header_of_the_callers()
    {
        var seen = (await AskAsync(gateway.Anonymous(), null, ("X-Tenant-ID", "acme"), ("x-tenant-plan", "gold"), ("X-TENANT-NAME", "x"))).Json["headers"]!.AsObject();
        seen.Where(h => h.Key.StartsWith("x-tenant-", StringComparison.Ordinal)).Select(h => (h.Key, h.Value!.ToJsonString())).ShouldBe([("x-tenant-id", """["acme"]""")]);
        (await AskAsync(gateway.Anonymous(), "acme.talentsphere.test")).Json["headers"]!["x-tenant-id"]!.ToJsonString().ShouldBe("""["acme"]""");
        (await AskAsync(gateway.Anonymous(), null)).Json["headers"]!["x-tenant-id"].ShouldBeNull();
    }

    [Fact]
    public async Task A_tenant_that_is_not_the_callers_is_refused()
    {
        var member = gateway.WithToken(TestTokens.MintForTenant(Guid.CreateVersion7(), "globex", "employer"));
        (await AskAsync(member, null)).Json["headers"]!["x-tenant-id"]!.ToJsonString().ShouldBe("""["globex"]""");
        (await AskAsync(member, null, ("X-Tenant-ID", "globex"))).Status.ShouldBe(HttpStatusCode.OK);
        var refused = await AskAsync(member, null, ("X-Tenant-ID", "acme"));
        (refused.Status, refused.Code).ShouldBe((HttpStatusCode.Forbidden, "TENANT_FORBIDDEN"));
        (await AskAsync(member, "acme.talentsphere.test")).Code.ShouldBe("TENANT_FORBIDDEN");
        (await AskAsync(gateway.SignedIn(Guid.CreateVersion7(), "admin"), null, ("X-Tenant-ID", "acme"))).Code.ShouldBe("TENANT_FORBIDDEN");
    }

    [Theory]
    [InlineData(null, "Not A Tenant", 400, "TENANT_MALFORMED")]
    [InlineData("acme.talentsphere.test", "globex", 400, "TENANT_MISMATCH")]
    [InlineData(null, "initech", 404, "TENANT_UNKNOWN")]
    public async Task What_names_no_tenant_is_refused(string? host, string header, int status, string code)
    {
        var answer = await AskAsync(gateway.Anonymous(), host, ("X-Tenant-ID", header));
        ((int)answer.Status, answer.Code).ShouldBe((status, code));
    }

    [Fact]
    public async Task Caches_are_told_that_the_answer_is_the_tenants() =>
        (await AskAsync(gateway.Anonymous(), null)).Headers.Vary.ShouldContain("X-Tenant-ID");

    private static Task<Answer> AskAsync(HttpClient client, string? host, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/courses");
        request.Headers.Host = host;
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        return client.ReadAsync(request);
    }
}
