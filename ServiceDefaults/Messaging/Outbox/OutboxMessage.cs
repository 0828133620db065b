namespace TalentSphere.ServiceDefaults.Messaging;

/// <summary>An event on its way out: committed with the fact, kept for thirty days after it was published.</summary>
public sealed class OutboxMessage
{
    /// <summary>The event's id (UUIDv7) and the message id, the same on every publication.</summary>
    public Guid Id { get; init; }

    /// <summary>
    /// Given by the database on insert. Writers that serialise on their aggregate, by its concurrency token or by a row lock, get it in commit order.
    /// </summary>
    public long Sequence { get; init; }

    /// <summary>The routing key.</summary>
    public required string EventType { get; init; }

    /// <summary>The aggregate whose events keep their order.</summary>
    public required string Subject { get; init; }

    /// <summary>The request that the fact follows from.</summary>
    public required string CorrelationId { get; init; }

    /// <summary>The W3C trace context that the fact was recorded in.</summary>
    public string? TraceParent { get; init; }

    /// <summary>The bytes that go out.</summary>
    public required byte[] Envelope { get; init; }

    /// <summary>Whose personal data the event holds (<see cref="Contracts.PersonalDataAttribute"/>); null when it holds nobody's, or nobody's any more.</summary>
    public Guid[]? PersonalOf { get; init; }

    /// <summary>When the fact was recorded, UTC.</summary>
    public DateTime CreatedAt { get; init; }

    /// <summary>When the broker confirmed it, UTC.</summary>
    public DateTime? PublishedAt { get; set; }

    /// <summary>How often the broker answered, with a confirmation or a refusal.</summary>
    public int Attempts { get; set; }

    /// <summary>Why the last attempt failed.</summary>
    public string? LastError { get; set; }

    /// <summary>
    /// When the relay gave up on it, UTC. While this is set and <see cref="PublishedAt"/> is not, later events of the same subject wait
    /// behind it (a subscriber never sees a later fact without the earlier one) and every other subject flows on.
    /// </summary>
    public DateTime? SetAsideAt { get; set; }
}
