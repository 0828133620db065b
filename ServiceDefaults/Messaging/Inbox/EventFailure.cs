namespace TalentSphere.ServiceDefaults.Messaging;

/// <summary>One failed try of an event; written beside the transaction that it rolled back. Kept as long as the inbox.</summary>
public sealed class EventFailure
{
    /// <summary>The longest <see cref="Error"/>, in characters.</summary>
    public const int MaxErrorLength = 1000;

    /// <summary>Given by the database.</summary>
    public long Id { get; init; }

    /// <summary>The queue it came through.</summary>
    public required string Consumer { get; init; }

    /// <summary>The event's id.</summary>
    public Guid MessageId { get; init; }

    /// <summary>The routing key.</summary>
    public required string EventType { get; init; }

    /// <summary>Which try it was, from 1.</summary>
    public int Attempt { get; init; }

    /// <summary>When, UTC.</summary>
    public DateTime FailedAt { get; init; }

    /// <summary>The kind of exception and its message.</summary>
    public required string Error { get; init; }

    /// <summary>Whether it was the last try, after which the message went to the dead letters.</summary>
    public bool Dead { get; init; }
}
