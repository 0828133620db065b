using System.Diagnostics.Metrics;

namespace TalentSphere.Gateway.Edge.Idempotency;

/// <summary>How a request with an idempotency key was answered; for <c>x-explain</c>.</summary>
/// <param name="Outcome"><c>executed</c>, <c>replayed</c>, <c>mismatch</c>, <c>in-progress</c>, <c>unavailable</c> or <c>invalid-key</c>.</param>
internal sealed record IdempotencyDecision(string Outcome)
{
    public static IdempotencyDecision Executed { get; } = new("executed");

    public static IdempotencyDecision Replayed { get; } = new("replayed");

    public static IdempotencyDecision Mismatch { get; } = new("mismatch");

    public static IdempotencyDecision InProgress { get; } = new("in-progress");

    public static IdempotencyDecision Unavailable { get; } = new("unavailable");

    public static IdempotencyDecision InvalidKey { get; } = new("invalid-key");
}

/// <summary><c>gateway_idempotency_total</c>, by outcome.</summary>
internal static class IdempotencyMetrics
{
    private static readonly Meter _meter = new("TalentSphere.Gateway");
    private static readonly Counter<long> _decisions = _meter.CreateCounter<long>("gateway_idempotency_total");

    public static void Count(IdempotencyDecision decision) => _decisions.Add(1, new KeyValuePair<string, object?>("outcome", decision.Outcome));
}
