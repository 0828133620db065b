namespace TalentSphere.Gamification.Points;

/// <summary>One line of the ledger. Written once: the database refuses to change or remove it.</summary>
public sealed class LedgerEntry
{
    public Guid Id { get; init; }

    public Guid UserId { get; init; }

    /// <summary>The entry's place among the user's entries, from 1.</summary>
    public int Ordinal { get; init; }

    /// <summary>Points; negative only in a correction.</summary>
    public int Amount { get; init; }

    public LedgerReason Reason { get; init; }

    /// <summary>The business key: the lesson, course, challenge or account; unique per user and reason.</summary>
    public required string Source { get; init; }

    /// <summary>The event that the entry came from.</summary>
    public Guid EventId { get; init; }

    public Guid? CourseId { get; init; }

    /// <summary>The day of the fact, UTC: it decides streaks and weeks. The entry itself may be later.</summary>
    public DateOnly Day { get; init; }

    public DateTime CreatedAt { get; init; }
}
