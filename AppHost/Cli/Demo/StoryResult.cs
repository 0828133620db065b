namespace TalentSphere.Cli.Demo;

/// <summary>How the story ended: always the same, however often it is told and whatever happens meanwhile.</summary>
public sealed record StoryResult
{
    /// <summary>The person's account.</summary>
    public required Guid UserId { get; init; }

    /// <summary>The course's title.</summary>
    public required string Course { get; init; }

    /// <summary>How many lessons it has.</summary>
    public required int Lessons { get; init; }

    /// <summary>The progress, 0..100.</summary>
    public required int Percent { get; init; }

    /// <summary>The certificates.</summary>
    public required IReadOnlyList<Guid> Certificates { get; init; }

    /// <summary>The points.</summary>
    public required int Points { get; init; }

    /// <summary>The level.</summary>
    public required int Level { get; init; }

    /// <summary>Lines of the ledger.</summary>
    public required int LedgerEntries { get; init; }

    /// <summary>Where the application ended.</summary>
    public required string ApplicationStatus { get; init; }

    /// <summary>The verdicts of what she handed in, in order; none where there is no judge.</summary>
    public required IReadOnlyList<string> Verdicts { get; init; }

    /// <summary>The verdict of the program that meant harm; null where there is no judge.</summary>
    public required string? HostileVerdict { get; init; }

    /// <summary>Everything the person was told.</summary>
    public required IReadOnlyList<StoryNotification> Notifications { get; init; }

    /// <summary>The notifications that were pushed live, in order.</summary>
    public required IReadOnlyList<Guid> Heard { get; init; }

    /// <summary>How often the live feed broke.</summary>
    public required int FeedBreaks { get; init; }

    /// <summary>How often the story waited for something that was away.</summary>
    public required int Waits { get; init; }

    /// <summary>Every step with its correlation id and trace.</summary>
    public required IReadOnlyList<StoryStep> Steps { get; init; }

    /// <summary>How long it took.</summary>
    public required TimeSpan Elapsed { get; init; }
}
