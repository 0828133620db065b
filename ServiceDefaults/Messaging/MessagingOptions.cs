namespace TalentSphere.ServiceDefaults.Messaging;

/// <summary>Section <c>Messaging</c> of the configuration. The defaults are what production runs with.</summary>
public sealed record MessagingOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "Messaging";

    /// <summary>
    /// The pauses before the second and the later tries of a message that its consumer failed on; one try more than there are pauses. Default 200 ms, 1 s.
    /// </summary>
    public IList<TimeSpan> RetryPauses { get; init; } = [];

    /// <summary>The longest pause between tries while a database or the broker is away. Default 30 s for consumers; the relay waits at most 10 s.</summary>
    public TimeSpan MaxPause { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// The services, separated by commas, whose queues have to be there before anything is published: a broker confirms an event that no queue is bound for,
    /// and on a fresh one that would be every subscriber that starts later. Default none.
    /// </summary>
    public string Subscribers { get; init; } = "";

    /// <summary>How often the relay looks for events that no signal told it of. Default 10 s.</summary>
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How often a replica that is not the active relay asks whether it should be. Default 3 s.</summary>
    public TimeSpan StandbyInterval { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>How many messages the broker hands to a consumer ahead of time, 1..1000. Default 32.</summary>
    public int Prefetch { get; init; } = 32;

    /// <summary>How many events the relay publishes before it waits for the confirmations, 1..10000. Default 500.</summary>
    public int BatchSize { get; init; } = 500;

    /// <summary>How often the broker may refuse an event before it is set aside. Default 10.</summary>
    public int MaxRefusals { get; init; } = 10;

    /// <summary>How long published events and the memory of handled ones are kept. Default 30 days.</summary>
    public TimeSpan Retention { get; init; } = TimeSpan.FromDays(30);

    /// <summary>How long after it took over a relay first looks for what is older than that; then daily. Default 1 minute.</summary>
    public TimeSpan SweepAfter { get; init; } = TimeSpan.FromMinutes(1);

    internal IReadOnlyList<TimeSpan> Pauses =>
        RetryPauses.Count > 0 ? [.. RetryPauses] : [TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(1)];

    internal string? Problem()
    {
        var problems = new List<string>();
        if (RetryPauses.Any(pause => pause < TimeSpan.Zero))
            problems.Add("RetryPauses must not be negative");
        if (((TimeSpan[])[MaxPause, PollInterval, StandbyInterval, Retention]).Any(span => span <= TimeSpan.Zero) || SweepAfter < TimeSpan.Zero)
            problems.Add("MaxPause, PollInterval, StandbyInterval and Retention must be positive, SweepAfter not negative");
        if (Prefetch is < 1 or > 1000)
            problems.Add("Prefetch is 1..1000");
        if (BatchSize is < 1 or > 10000)
            problems.Add("BatchSize is 1..10000");
        if (MaxRefusals < 1)
            problems.Add("MaxRefusals is at least 1");
        return problems.Count == 0 ? null : $"{Section}: {string.Join("; ", problems)}.";
    }
}
