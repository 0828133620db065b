using System.Text.Json;

namespace TalentSphere.Gateway.Edge.Flags;

/// <summary>A feature flag as it is kept and evaluated.</summary>
public sealed record FeatureFlag
{
    /// <summary>Its name: <c>new-search</c>.</summary>
    public required string Key { get; init; }

    /// <summary>What it is for.</summary>
    public string? Description { get; init; }

    /// <summary>The kill switch: false is off for everybody, whatever else is said.</summary>
    public bool Enabled { get; init; }

    /// <summary>How many of those whom no rule names have it, in percent, two decimals count.</summary>
    public decimal Percent { get; init; }

    /// <summary>The environments it acts in (<c>Production</c>); empty: in all. Elsewhere it is off.</summary>
    public IReadOnlyList<string> Environments { get; init; } = [];

    /// <summary>Who has it, or has it not, before the percentage is asked. The first that names a caller decides.</summary>
    public IReadOnlyList<TargetingRule> Rules { get; init; } = [];

    /// <summary>What those who have it are shared out among. Whoever falls to none of them has the flag without a variant: the control group.</summary>
    public IReadOnlyList<FlagVariant> Variants { get; init; } = [];

    /// <summary>False: it is evaluated for routes and administrators, but not told to clients.</summary>
    public bool ClientVisible { get; init; } = true;
}

/// <summary>Names some callers: a caller must fit every list that is not empty, and fits a list by any of its entries.</summary>
public sealed record TargetingRule
{
    /// <summary>Roles of the token.</summary>
    public IReadOnlyList<string> Roles { get; init; } = [];

    /// <summary>Tenants.</summary>
    public IReadOnlyList<string> Tenants { get; init; } = [];

    /// <summary>Accounts.</summary>
    public IReadOnlyList<Guid> Users { get; init; } = [];

    /// <summary>Whether they have the flag.</summary>
    public bool On { get; init; } = true;

    /// <summary>How many of them, in percent.</summary>
    public decimal Percent { get; init; } = 100;

    /// <summary>The variant they all get; null: they are shared out.</summary>
    public string? Variant { get; init; }
}

/// <summary>One of the things that a flag may be for a caller.</summary>
public sealed record FlagVariant
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Its share, in percent, two decimals count.</summary>
    public decimal Weight { get; init; }

    /// <summary>What the client gets to know; any JSON.</summary>
    public JsonElement? Value { get; init; }

    /// <summary>The buckets that are its own, made by <see cref="VariantAllocation"/>.</summary>
    public IReadOnlyList<BucketRange> Buckets { get; init; } = [];
}

/// <summary>Buckets side by side.</summary>
/// <param name="From">The first.</param>
/// <param name="To">The first behind it.</param>
public readonly record struct BucketRange(int From, int To);
