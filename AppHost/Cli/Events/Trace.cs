namespace TalentSphere.Cli.Events;

/// <summary>Where some events are: every service's share of the ledger, put together.</summary>
/// <param name="Asked">The event's or the request's id.</param>
/// <param name="Events">The events in the order in which they were recorded.</param>
/// <param name="Away">The services that could not be asked.</param>
/// <param name="More">Whether there are more events than are told.</param>
internal sealed record Trace(string Asked, IReadOnlyList<TracedEvent> Events, IReadOnlyList<string> Away, bool More)
{
    private const int _mostIds = 100;

    /// <summary>Asks every service, first for what the id means, then for all events that this brought up.</summary>
    public static async Task<Trace> FollowAsync(EventsApi api, string asked, CancellationToken cancellationToken)
    {
        // A request's id may look like an event's.
        var shares = (await api.AskAsync<LedgerShare>($"?correlationId={Uri.EscapeDataString(asked)}", cancellationToken)).ToList();
        if (Guid.TryParse(asked, out var eventId))
            shares.AddRange(await api.AskAsync<LedgerShare>($"?ids={eventId}", cancellationToken));
        var ids = Ids(shares).ToHashSet();
        foreach (var some in ids.Chunk(_mostIds))
            shares.AddRange(await api.AskAsync<LedgerShare>($"?ids={string.Join(',', some)}", cancellationToken));
        var away = shares.Where(s => s.Away is not null).Select(s => s.Service).Distinct().Order(StringComparer.Ordinal).ToList();
        var known = shares.Where(s => s.Data is not null).Select(s => s.Data!).ToList();
        var events = ids.Select(id => TracedEvent.Of(id, known, away)).OrderBy(e => e.RecordedAt ?? DateTime.MaxValue).ThenBy(e => e.Id);
        return new(asked, [.. events], away, known.Exists(s => s.More));
    }

    private static IEnumerable<Guid> Ids(IEnumerable<ServiceAnswer<LedgerShare>> shares) =>
        shares.Where(s => s.Data is not null).SelectMany(s => s.Data!.Published.Select(e => e.Id).Concat(s.Data.Received.Select(e => e.Id)));
}

/// <summary>One event's way.</summary>
/// <param name="Id">Its id.</param>
/// <param name="EventType">Its key.</param>
/// <param name="Subject">The aggregate.</param>
/// <param name="CorrelationId">The request that it follows from.</param>
/// <param name="EmittedBy">The service that recorded it; null when none that answers did.</param>
/// <param name="RecordedAt">When, UTC.</param>
/// <param name="PublishedAt">When the broker confirmed it, UTC.</param>
/// <param name="SetAside">Why the relay gave up on it; null when it did not.</param>
/// <param name="Subscribers">What each service made of it.</param>
internal sealed record TracedEvent(
    Guid Id, string? EventType, string? Subject, string? CorrelationId, string? EmittedBy, DateTime? RecordedAt, DateTime? PublishedAt, string? SetAside,
    IReadOnlyList<TracedSubscriber> Subscribers)
{
    public static TracedEvent Of(Guid id, IReadOnlyList<LedgerShare> shares, IReadOnlyList<string> away)
    {
        var publisher = shares.FirstOrDefault(s => s.Published.Any(e => e.Id == id));
        var published = publisher?.Published.First(e => e.Id == id);
        var type = published?.EventType ?? shares.SelectMany(s => s.Received).FirstOrDefault(r => r.Id == id)?.EventType;
        var letter = shares.SelectMany(s => s.Received).FirstOrDefault(r => r.Id == id && r.DeadLetter is not null)?.DeadLetter;
        var subscribers = shares.GroupBy(s => s.Service).Select(same =>
        {
            // Asked more than once, a service may have come further meanwhile.
            var received = same.Select(s => s.Received.FirstOrDefault(r => r.Id == id)).LastOrDefault(r => r is not null);
            return TracedSubscriber.Of(same.Last(), type, published, received);
        }).Concat(away.Except(shares.Select(s => s.Service)).Select(service => new TracedSubscriber(service, "away", null, null, 0, null)));
        return new(
            id, type, published?.Subject ?? letter?.Subject, published?.CorrelationId ?? letter?.CorrelationId, publisher?.Service, published?.RecordedAt,
            published?.PublishedAt, published?.SetAsideAt is null ? null : published.LastError ?? "", [.. subscribers.OrderBy(s => s.Service, StringComparer.Ordinal)]);
    }
}

/// <summary>What one service made of an event.</summary>
/// <param name="Service">Which.</param>
/// <param name="State">applied, retrying, dead, waiting, unpublished, not-subscribed or away.</param>
/// <param name="AfterMs">Applied: milliseconds since it was recorded.</param>
/// <param name="Try">Applied: at which try.</param>
/// <param name="FailedTries">How many tries failed.</param>
/// <param name="LastReason">Why the last of them did, or why it is dead.</param>
internal sealed record TracedSubscriber(string Service, string State, double? AfterMs, int? Try, int FailedTries, string? LastReason)
{
    public static TracedSubscriber Of(LedgerShare share, string? type, PublishedEvent? published, ReceivedEvent? received)
    {
        if (received is null)
        {
            var state = type is null || !share.Handles.Contains(type) ? "not-subscribed" : published is { PublishedAt: null } ? "unpublished" : "waiting";
            return new(share.Service, state, null, null, 0, null);
        }
        var (failures, last) = (received.Failures.Count, received.Failures.LastOrDefault());
        if (received.AppliedAt is { } applied)
        {
            var after = published is null ? (double?)null : Math.Round((applied - published.RecordedAt).TotalMilliseconds, 1);
            return new(share.Service, "applied", after, received.AppliedAtTry, failures, last?.Reason);
        }
        // Without a look at the letters the last failure has to do.
        var dead = received.DeadLetter is not null || (!share.DeadLettersRead && last is { Last: true });
        return new(share.Service, dead ? "dead" : "retrying", null, null, failures, received.DeadLetter?.Reason ?? last?.Reason);
    }

    /// <summary>In words.</summary>
    public string Describe()
    {
        var failed = FailedTries == 0 ? "" : $"{FailedTries} {(FailedTries == 1 ? "try" : "tries")} failed, last: {LastReason}";
        return State switch
        {
            "applied" => (AfterMs is { } ms ? $"applied after {ms:0.#} ms" : "applied") + $" at try {Try}" + (failed == "" ? "" : $" ({failed})"),
            "dead" => $"dead: {LastReason}",
            "retrying" => failed + "; under way again, or discarded",
            "waiting" => "waiting in its queue",
            "unpublished" => "not published yet",
            "away" => "away: cannot be asked",
            _ => "not subscribed",
        };
    }
}
