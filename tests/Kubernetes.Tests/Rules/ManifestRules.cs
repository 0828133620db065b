namespace TalentSphere.Kubernetes.Tests.Rules;

/// <summary>One thing that must hold over everything that an overlay renders.</summary>
/// <param name="Name">How findings name it.</param>
/// <param name="Check">What is wrong: resource, field and what.</param>
/// <param name="OfWhole">It is about what only whole deployments have.</param>
internal sealed record ManifestRule(string Name, Func<RenderedSet, IEnumerable<(Manifest Resource, string Field, string What)>> Check, bool OfWhole = false)
{
    public IReadOnlyList<Finding> On(RenderedSet set) => OfWhole && !set.IsWhole ? [] : [.. Check(set).Select(f => new Finding(Name, f.Resource.Id, f.Field, f.What) { Where = set.Name })];
}

/// <summary>Every rule.</summary>
internal static class ManifestRules
{
    public static IReadOnlyList<ManifestRule> All { get; } =
    [
        .. IdentityRules.All, .. ReferenceRules.All, .. WorkloadRules.All, .. ScalingRules.All, .. SecretRules.All, .. NetworkRules.All, .. IstioRules.All, .. KyvernoRules.All,
        .. NodeRules.All,
    ];

    public static IReadOnlyList<Finding> Findings(RenderedSet set) => [.. All.SelectMany(r => r.On(set))];
}
