using TalentSphere.Kubernetes.Tests.Rules;

namespace TalentSphere.Kubernetes.Tests;

/// <summary>What no schema sees, over everything that each overlay renders.</summary>
public sealed class RuleTests
{
    public static TheoryData<string, string> Rendered => new(from overlay in Overlays.Names from rule in ManifestRules.All select (overlay, rule.Name));

    [Theory]
    [MemberData(nameof(Rendered))]
    public async Task Every_rule_holds_in_every_overlay(string overlay, string rule)
    {
        var set = await Overlays.GetAsync(overlay);
        SchemaTests.Report(ManifestRules.All.Single(r => r.Name == rule).On(set), overlay);
    }
}
