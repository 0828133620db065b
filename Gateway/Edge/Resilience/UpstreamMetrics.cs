using System.Diagnostics.Metrics;

namespace TalentSphere.Gateway.Edge.Resilience;

/// <summary>What the breakers and retries do, by service.</summary>
internal sealed class UpstreamMetrics(IMeterFactory meters)
{
    private readonly Counter<long> _opened = Create(meters, "gateway_breaker_opened_total");
    private readonly Counter<long> _refused = Create(meters, "gateway_breaker_refused_total");
    private readonly Counter<long> _retries = Create(meters, "gateway_upstream_retries_total");
    private readonly Counter<long> _failures = Create(meters, "gateway_upstream_failures_total");

    /// <summary>A breaker opened.</summary>
    public void Opened(string service) => _opened.Add(1, new KeyValuePair<string, object?>("service", service));

    /// <summary>An open breaker refused a request.</summary>
    public void Refused(string service) => _refused.Add(1, new KeyValuePair<string, object?>("service", service));

    /// <summary>A request was sent a second time.</summary>
    public void Retried(string service) => _retries.Add(1, new KeyValuePair<string, object?>("service", service));

    /// <summary>A request's time as a whole was up.</summary>
    public void Overdue(string service) => Count(service, "overdue");

    /// <summary>A request had no answer, or only part of one.</summary>
    public void Failed(string service, UpstreamOutcome outcome) => Count(service, outcome switch
    {
        UpstreamOutcome.Away => "away",
        UpstreamOutcome.Broken => "broken",
        UpstreamOutcome.TooSlow => "timeout",
        UpstreamOutcome.Invalid => "invalid",
        _ => "unsent",
    });

    private static Counter<long> Create(IMeterFactory meters, string name) => meters.Create("TalentSphere.Gateway").CreateCounter<long>(name);

    private void Count(string service, string kind) =>
        _failures.Add(1, new KeyValuePair<string, object?>("service", service), new KeyValuePair<string, object?>("kind", kind));
}
