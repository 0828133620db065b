using System.Diagnostics.Metrics;

namespace TalentSphere.Gateway.Edge.Limits;

/// <summary>What limits decided, and how their store is. Counted where it happens, read when metrics are.</summary>
internal sealed class LimitMetrics : IDisposable
{
    private readonly Meter _meter;

    public LimitMetrics(IMeterFactory meters, LimitPolicies policies, QuotaStore store)
    {
        _meter = meters.Create("TalentSphere.Gateway");
        _meter.CreateObservableCounter("gateway_limit_decisions_total", () => Decisions(policies), description: "Requests by limit and what it said.");
        _meter.CreateObservableCounter("gateway_limit_store_asks_total", () => store.Asks, description: "Times that Redis was asked for permits.");
        _meter.CreateObservableGauge("gateway_limit_store_up", () => store.IsAway ? 0 : 1, description: "0: this replica grants its own share.");
        _meter.CreateObservableGauge("gateway_limit_delayed_requests", () => store.Delays.Taken, description: "Requests held back at the moment.");
        _meter.CreateObservableGauge("gateway_limit_remembered_callers", () => policies.Current.All.Sum(p => p.Quotas.Count), description: "Callers in memory.");
    }

    public void Dispose() => _meter.Dispose();

    private static IEnumerable<Measurement<long>> Decisions(LimitPolicies policies)
    {
        foreach (var policy in policies.Current.All)
        {
            yield return Measured(policy.Allowed, policy, "allowed");
            yield return Measured(policy.Delayed, policy, "delayed");
            yield return Measured(policy.Refused, policy, "refused");
        }
    }

    private static Measurement<long> Measured(long count, LimitPolicy policy, string outcome) => new(count, new("policy", policy.Name), new("outcome", outcome));
}
