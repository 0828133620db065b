using System.Diagnostics.Metrics;

namespace TalentSphere.Gateway.Edge.Resilience;

/// <summary>What the breakers and retries do, by service.</summary>
internal static class UpstreamMetrics
{
    private static readonly Meter _meter = new("TalentSphere.Gateway");
    private static readonly Counter<long> _opened = _meter.CreateCounter<long>("gateway_breaker_opened_total");
    private static readonly Counter<long> _refused = _meter.CreateCounter<long>("gateway_breaker_refused_total");
    private static readonly Counter<long> _retries = _meter.CreateCounter<long>("gateway_upstream_retries_total");
    private static readonly Counter<long> _failures = _meter.CreateCounter<long>("gateway_upstream_failures_total");

    /// <summary>A breaker opened.</summary>
    public static void Opened(string service) => _opened.Add(1, new KeyValuePair<string, object?>("service", service));

    /// <summary>An open breaker refused a request.</summary>
    public static void Refused(string service) => _refused.Add(1, new KeyValuePair<string, object?>("service", service));

    /// <summary>A request was sent a second time.</summary>
    public static void Retried(string service) => _retries.Add(1, new KeyValuePair<string, object?>("service", service));

    /// <summary>A request's time as a whole was up.</summary>
    public static void Overdue(string service) => Count(service, "overdue");

    /// <summary>A request had no answer, or only part of one.</summary>
    public static void Failed(string service, UpstreamOutcome outcome) => Count(service, outcome switch
    {
        UpstreamOutcome.Away => "away",
        UpstreamOutcome.Broken => "broken",
        UpstreamOutcome.TooSlow => "timeout",
        UpstreamOutcome.Invalid => "invalid",
        _ => "unsent",
    });

    private static void Count(string service, string kind) =>
        _failures.Add(1, new KeyValuePair<string, object?>("service", service), new KeyValuePair<string, object?>("kind", kind));
}
