namespace TalentSphere.ServiceDefaults.Messaging;

/// <summary>An event that took effect here. Committed with the effect, so that a redelivery finds it and does nothing.</summary>
public sealed class InboxMessage
{
    /// <summary>The queue it came through.</summary>
    public required string Consumer { get; init; }

    /// <summary>The event's id.</summary>
    public Guid MessageId { get; init; }

    /// <summary>The routing key.</summary>
    public required string EventType { get; init; }

    /// <summary>When it took effect, UTC.</summary>
    public DateTime ProcessedAt { get; init; }

    /// <summary>At which try it succeeded, from 1.</summary>
    public int Attempts { get; init; }

    /// <summary>Given by the database: the order in which events took effect here, because one is handled at a time.</summary>
    public long Position { get; init; }
}
