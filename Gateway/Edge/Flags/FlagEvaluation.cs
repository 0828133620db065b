namespace TalentSphere.Gateway.Edge.Flags;

/// <summary>Why a flag is what it is for somebody.</summary>
public enum FlagReason
{
    /// <summary>There is no such flag: off.</summary>
    Unknown,

    /// <summary>The kill switch: off.</summary>
    Disabled,

    /// <summary>It does not act in this environment: off.</summary>
    Environment,

    /// <summary>A rule names the caller.</summary>
    Rule,

    /// <summary>The roll-out's percentage.</summary>
    Percentage,

    /// <summary>The percentage is not all, and the caller has nothing that keeps the answer the same: off.</summary>
    NoIdentity,
}

/// <summary>What a flag is for somebody, and why.</summary>
/// <param name="On">Whether they have it.</param>
/// <param name="Reason">Why.</param>
/// <param name="Rule">Which rule named them, from 0.</param>
/// <param name="Bucket">Where they stand in the roll-out, 0..9999.</param>
/// <param name="Variant">Their variant; null: the control group.</param>
/// <param name="VariantBucket">Where they stand among the variants, 0..9999.</param>
internal readonly record struct FlagDecision(bool On, FlagReason Reason, int? Rule = null, int? Bucket = null, FlagVariant? Variant = null, int? VariantBucket = null);

/// <summary>Decides what a flag is for somebody. Pure: the same flag and subject give the same answer on every replica.</summary>
internal static class FlagEvaluation
{
    public static FlagDecision Evaluate(FeatureFlag? flag, FlagSubject subject, string environment)
    {
        if (flag is null)
            return new(false, FlagReason.Unknown);
        if (!flag.Enabled)
            return new(false, FlagReason.Disabled);
        if (flag.Environments.Count > 0 && !flag.Environments.Contains(environment, StringComparer.OrdinalIgnoreCase))
            return new(false, FlagReason.Environment);
        for (var i = 0; i < flag.Rules.Count; i++)
        {
            var rule = flag.Rules[i];
            if (Names(rule, subject))
                return rule.On ? Share(flag, subject, rule.Percent, new(true, FlagReason.Rule, i), rule.Variant) : new(false, FlagReason.Rule, i);
        }
        return Share(flag, subject, flag.Percent, new(true, FlagReason.Percentage), null);
    }

    private static bool Names(TargetingRule rule, FlagSubject subject) =>
        (rule.Users.Count == 0 || (subject.User is { } user && rule.Users.Contains(user)))
        && (rule.Tenants.Count == 0 || (subject.Tenant is { } tenant && rule.Tenants.Contains(tenant)))
        && (rule.Roles.Count == 0 || subject.Roles.Any(rule.Roles.Contains));

    /// <summary>Gives it to the first <paramref name="percent"/> of the buckets, and to those a variant.</summary>
    private static FlagDecision Share(FeatureFlag flag, FlagSubject subject, decimal percent, FlagDecision decision, string? variant)
    {
        if (subject.Identity is { } identity)
        {
            var bucket = Buckets.OfRollout(flag.Key, identity);
            decision = decision with { Bucket = bucket, On = bucket < Buckets.InPercent(percent) };
        }
        else if (percent < 100)
        {
            return decision with { On = false, Reason = FlagReason.NoIdentity };
        }
        return decision.On ? WithVariant(flag, subject, decision, variant) : decision;
    }

    private static FlagDecision WithVariant(FeatureFlag flag, FlagSubject subject, FlagDecision decision, string? named)
    {
        if (named is not null)
            return decision with { Variant = flag.Variants.FirstOrDefault(v => v.Name == named) };
        if (flag.Variants.Count == 0 || subject.Identity is null)
            return decision;
        var bucket = Buckets.OfVariant(flag.Key, subject.Identity);
        return decision with { VariantBucket = bucket, Variant = flag.Variants.FirstOrDefault(v => v.Buckets.Any(r => bucket >= r.From && bucket < r.To)) };
    }
}
