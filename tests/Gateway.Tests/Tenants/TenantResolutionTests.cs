using TalentSphere.Gateway.Edge.Tenants;

namespace TalentSphere.Gateway.Tests.Tenants;

/// <summary>Which tenant a request is for.</summary>
public sealed class TenantResolutionTests
{
    private static readonly TenantOptions _options = new() { BaseDomain = "talentsphere.com", Known = ["acme", "globex"] };

    [Theory]
    [InlineData("talentsphere.com", null, null)]
    [InlineData("www.talentsphere.com", null, null)]
    [InlineData("acme.talentsphere.com", null, "acme")]
    [InlineData("ACME.TalentSphere.com", null, "acme")]
    [InlineData("talentsphere.com", "acme", "acme")]
    [InlineData("localhost", "acme", "acme")]
    [InlineData("acme.talentsphere.com", "acme", "acme")]
    [InlineData("acme.eviltalentsphere.com", null, null)]
    [InlineData("talentsphere.com.evil.example", null, null)]
    public void Host_and_header_name_it(string host, string? header, string? tenant) =>
        TenantResolution.Resolve(host, header, signedIn: false, claim: null, _options).ShouldBe((TenantVerdict.Accepted, tenant));

    [Fact]
    public void Host_and_header_must_agree() =>
        TenantResolution.Resolve("acme.talentsphere.com", "globex", signedIn: false, claim: null, _options).Verdict.ShouldBe(TenantVerdict.Contradictory);

    [Theory]
    [InlineData("talentsphere.com", "")]
    [InlineData("talentsphere.com", "Acme")]
    [InlineData("talentsphere.com", "-acme")]
    [InlineData("talentsphere.com", "acme.globex")]
    [InlineData("talentsphere.com", "acme\n")]
    [InlineData("talentsphere.com", "../etc")]
    [InlineData("a.acme.talentsphere.com", null)]
    [InlineData("a_b.talentsphere.com", null)]
    public void What_is_no_label_names_none(string host, string? header) =>
        TenantResolution.Resolve(host, header, signedIn: true, claim: "acme", _options).Verdict.ShouldBe(TenantVerdict.Malformed);

    [Fact]
    public void Two_headers_name_none() =>
        TenantResolution.Resolve("localhost", new(["acme", "acme"]), signedIn: false, claim: null, _options).Verdict.ShouldBe(TenantVerdict.Malformed);

    [Theory]
    [InlineData("acme", null, TenantVerdict.Forbidden)]
    [InlineData("acme", "globex", TenantVerdict.Forbidden)]
    [InlineData("acme", "acme", TenantVerdict.Accepted)]
    [InlineData("initech", "initech", TenantVerdict.Accepted)]
    [InlineData(null, "acme", TenantVerdict.Accepted)]
    [InlineData(null, null, TenantVerdict.Accepted)]
    public void An_account_is_in_the_tenant_of_its_token_and_in_no_other(string? named, string? claim, object verdict) =>
        TenantResolution.Resolve("localhost", named, signedIn: true, claim, _options).ShouldBe(((TenantVerdict)verdict, verdict is TenantVerdict.Accepted ? claim : null));

    [Fact]
    public void Whoever_is_not_signed_in_may_name_known_tenants_only() =>
        TenantResolution.Resolve("localhost", "initech", signedIn: false, claim: null, _options).Verdict.ShouldBe(TenantVerdict.Unknown);

    [Fact]
    public void Without_a_base_domain_hosts_name_none() =>
        TenantResolution.Resolve("acme.talentsphere.com", default, signedIn: false, claim: null, new()).ShouldBe((TenantVerdict.Accepted, null));
}
