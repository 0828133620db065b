namespace TalentSphere.Gateway.Edge.Resilience;

/// <summary>Whether requests pass. The numbers are those of the metric.</summary>
internal enum BreakerState
{
    /// <summary>Requests pass.</summary>
    Closed = 0,

    /// <summary>One request tries.</summary>
    HalfOpen = 1,

    /// <summary>Requests are refused at once.</summary>
    Open = 2,
}

/// <summary>What the breaker decided about a request; a feature of its <see cref="HttpContext"/>.</summary>
/// <param name="Service">Whose breaker.</param>
/// <param name="State">How it stood.</param>
/// <param name="Admitted">Whether the request was let through.</param>
internal sealed record BreakerDecision(string Service, BreakerState State, bool Admitted);

/// <summary>That a request was sent a second time; a feature of its <see cref="HttpContext"/>.</summary>
/// <param name="Reason">What became of the first.</param>
/// <param name="From">Where the first went; null when there was nowhere to go.</param>
/// <param name="To">Where the second went.</param>
/// <param name="Outcome">What became of the second.</param>
internal sealed record RetryDecision(UpstreamOutcome Reason, string? From, string? To, UpstreamOutcome Outcome);
