using System.Text.Json;

namespace TalentSphere.Gateway.Edge.Flags;

/// <summary>A flag as an administrator writes it; it replaces the one before.</summary>
/// <param name="Enabled">The kill switch; false is off for everybody.</param>
/// <param name="Description">What it is for; at most 500 characters.</param>
/// <param name="Percent">How many of those whom no rule names have it, 0..100 with two decimals; 100 when absent.</param>
/// <param name="Environments">Where it acts; absent or empty: everywhere.</param>
/// <param name="Rules">At most 50; the first that names a caller decides.</param>
/// <param name="Variants">At most 20; their weights add up to 100 at most.</param>
/// <param name="ClientVisible">Whether clients are told of it; true when absent.</param>
public sealed record FlagRequest(
    bool? Enabled, string? Description = null, decimal? Percent = null, IReadOnlyList<string?>? Environments = null,
    IReadOnlyList<TargetingRuleRequest?>? Rules = null, IReadOnlyList<FlagVariantRequest?>? Variants = null, bool? ClientVisible = null);

/// <summary>Who is named, and what for. At least one list holds something.</summary>
/// <param name="Roles">Roles of the token.</param>
/// <param name="Tenants">Tenants.</param>
/// <param name="Users">Ids of accounts.</param>
/// <param name="On">Whether they have it; true when absent.</param>
/// <param name="Percent">How many of them, 0..100 with two decimals; 100 when absent.</param>
/// <param name="Variant">The variant that they all get.</param>
public sealed record TargetingRuleRequest(
    IReadOnlyList<string?>? Roles = null, IReadOnlyList<string?>? Tenants = null, IReadOnlyList<string?>? Users = null, bool? On = null, decimal? Percent = null,
    string? Variant = null);

/// <summary>A variant.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Weight">Its share, 0..100 with two decimals.</param>
/// <param name="Value">Any JSON of at most 4,096 characters.</param>
public sealed record FlagVariantRequest(string? Name, decimal? Weight, JsonElement? Value = null);
