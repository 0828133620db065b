using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace TalentSphere.Gateway.Edge.Limits;

/// <summary>How much a caller may ask for. Configuration section <c>Limits</c>; a change takes effect without a restart, one that is not valid not at all.</summary>
public sealed record LimitOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "Limits";

    /// <summary>The policy of a caller who shows no valid token, by client address.</summary>
    public const string Anonymous = "anonymous";

    /// <summary>The policy of a signed-in caller, by account.</summary>
    public const string User = "user";

    /// <summary><c>default</c>, or <c>load</c>: every limit is multiplied by <see cref="LoadFactor"/>.</summary>
    public LimitProfile Profile { get; init; } = LimitProfile.Default;

    /// <summary>What the profile <c>load</c> multiplies limits by, 1..1000000. The machinery stays the same, so that load tests measure it.</summary>
    [Range(1, 1_000_000)]
    public int LoadFactor { get; init; } = 1_000_000;

    /// <summary>
    /// How many gateways share a limit at least: while Redis is away, each grants its share of it. As long as it is there they count themselves in it, and what was
    /// counted last holds where it is more. 1..1000.
    /// </summary>
    [Range(1, 1000)]
    public int Replicas { get; init; } = 1;

    /// <summary>How many callers per policy are remembered between requests, at most twice as many. Of others Redis knows. 100..10000000.</summary>
    [Range(100, 10_000_000)]
    public int RememberedCallers { get; init; } = 20_000;

    /// <summary>How many requests may be held back at once in this process; more are refused without delay. 0..100000.</summary>
    [Range(0, 100_000)]
    public int DelayedRequests { get; init; } = 1000;

    /// <summary>How long Redis may take to answer before it counts as away: the longest that its absence delays a request.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:00:05")]
    public TimeSpan StoreTimeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How often Redis is asked whether it is back.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:01:00")]
    public TimeSpan StoreRetry { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>The policies by name; <see cref="Anonymous"/> and <see cref="User"/> must be among them, routes name others (<c>Metadata:Limit</c>).</summary>
    public IDictionary<string, LimitPolicyOptions> Policies { get; init; } = new Dictionary<string, LimitPolicyOptions>(StringComparer.Ordinal);
}

/// <summary>Which limits hold.</summary>
public enum LimitProfile
{
    /// <summary>As configured.</summary>
    Default,

    /// <summary>Multiplied, for load tests and for suites that come from one address.</summary>
    Load,
}

/// <summary>Whose requests are counted together.</summary>
public enum LimitBy
{
    /// <summary>Those of one client address: IPv4 whole, IPv6 its /64.</summary>
    Address,

    /// <summary>Those of one account or registered system.</summary>
    User,
}

/// <summary>One limit.</summary>
public sealed record LimitPolicyOptions
{
    /// <summary>How many requests in each <see cref="Window"/>. 1..1000000.</summary>
    [Range(1, 1_000_000)]
    public int Permits { get; init; }

    /// <summary>In what time. One millisecond to one day.</summary>
    public TimeSpan Window { get; init; }

    /// <summary>
    /// Given: a token bucket of this size (≥ 1), refilled at <see cref="Permits"/> per <see cref="Window"/>. Not given: a window that opens with a caller's first request.
    /// </summary>
    public int? Burst { get; init; }

    /// <summary>Whose requests are counted together.</summary>
    public LimitBy By { get; init; } = LimitBy.Address;
}

/// <summary>Names everything that is wrong at once.</summary>
internal sealed class LimitOptionsValidator : IValidateOptions<LimitOptions>
{
    private const int _mostPermits = 1_000_000;

    public ValidateOptionsResult Validate(string? name, LimitOptions options)
    {
        var faults = new List<string>();
        foreach (var needed in (string[])[LimitOptions.Anonymous, LimitOptions.User])
        {
            if (!options.Policies.ContainsKey(needed))
                faults.Add($"Limits:Policies lacks '{needed}'.");
        }
        foreach (var (policy, o) in options.Policies)
        {
            if (!IsToken(policy))
                faults.Add($"Limits:Policies:{policy}: a name is made of a-z, 0-9 and '-'.");
            if (o.Permits is < 1 or > _mostPermits)
                faults.Add($"Limits:Policies:{policy}:Permits must be 1..{_mostPermits}.");
            if (o.Window < TimeSpan.FromMilliseconds(1) || o.Window > TimeSpan.FromDays(1))
                faults.Add($"Limits:Policies:{policy}:Window must be between a millisecond and a day.");
            if (o.Burst is < 1 or > _mostPermits)
                faults.Add($"Limits:Policies:{policy}:Burst must be 1..{_mostPermits}.");
            if (!Enum.IsDefined(o.By))
                faults.Add($"Limits:Policies:{policy}:By must be 'address' or 'user'.");
        }
        if (options.Policies.TryGetValue(LimitOptions.Anonymous, out var anonymous) && anonymous.By != LimitBy.Address)
            faults.Add($"Limits:Policies:{LimitOptions.Anonymous}:By must be 'address': nobody is signed in.");
        if (options.Policies.TryGetValue(LimitOptions.User, out var user) && user.By != LimitBy.User)
            faults.Add($"Limits:Policies:{LimitOptions.User}:By must be 'user'.");
        return faults.Count > 0 ? ValidateOptionsResult.Fail(faults) : ValidateOptionsResult.Success;
    }

    private static bool IsToken(string name) => name.Length is > 0 and <= 40 && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-');
}
