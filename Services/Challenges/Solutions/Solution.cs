using TalentSphere.Challenges.Catalogue;
using TalentSphere.ServiceDefaults.Data;

namespace TalentSphere.Challenges.Solutions;

/// <summary>
/// A program of the author's that shows what the tests are worth: one that must be accepted, or one that must fail in a declared way.
/// Only author and admins ever see it.
/// </summary>
public sealed class Solution : ITimestamped
{
    public Guid Id { get; init; }

    public Guid ChallengeId { get; init; }

    /// <summary>For people, such as a file name; 1 to 100 characters.</summary>
    public required string Name { get; set; }

    /// <summary>One of <see cref="Submissions.Languages.All"/>.</summary>
    public required string Language { get; set; }

    /// <summary>The program, 1 byte to 64 KiB in UTF-8.</summary>
    public required string Source { get; set; }

    /// <summary>The verdict that it must get, one of <see cref="Judging.Verdicts.All"/> but internal-error.</summary>
    public required string Expected { get; set; }

    public uint Version { get; private set; }

    public DateTime CreatedAt { get; set; }

    public DateTime UpdatedAt { get; set; }
}

/// <summary>Where a check of the solutions stands.</summary>
public enum CheckState
{
    /// <summary>Waits for its turn, or for a judge.</summary>
    Queued,

    /// <summary>The judge is at it.</summary>
    Running,

    /// <summary>Every solution behaves as declared.</summary>
    Passed,

    /// <summary>At least one does not.</summary>
    Failed,
}

/// <summary>The latest check of a challenge's solutions against all of its tests.</summary>
public sealed class SolutionCheck
{
    public Guid ChallengeId { get; init; }

    /// <summary>This check's own; a later one has another.</summary>
    public Guid Id { get; set; }

    public CheckState State { get; set; }

    /// <summary>What was checked, as <see cref="Challenge.AuthoringVersion"/> says.</summary>
    public int AuthoringVersion { get; set; }

    public DateTime RequestedAt { get; set; }

    public DateTime? StartedAt { get; set; }

    public DateTime? FinishedAt { get; set; }

    /// <summary>Not before then: a judge that was away is given time.</summary>
    public DateTime NextTryAt { get; set; }

    /// <summary>Until when the replica that runs it has it for itself.</summary>
    public DateTime? LeasedUntil { get; set; }

    /// <summary>How often a replica took it up.</summary>
    public int Turns { get; set; }

    /// <summary>How often in a row the judge was away, busy or failing.</summary>
    public int Failures { get; set; }

    /// <summary>Why it waits, as a code; null when nothing is in its way.</summary>
    public string? Problem { get; set; }

    /// <summary>The solutions judged so far.</summary>
    public List<SolutionResult> Results { get; set; } = [];
}

/// <summary>What became of one solution in a check.</summary>
/// <param name="SolutionId">Which.</param>
/// <param name="Name">Its name then.</param>
/// <param name="Language">Its language then.</param>
/// <param name="Expected">The declared verdict.</param>
/// <param name="Actual">The judge's.</param>
/// <param name="Ordinal">The first test that was not accepted; null when all were, or none ran.</param>
/// <param name="CpuMs">The slowest test's CPU time, milliseconds.</param>
/// <param name="MemoryKb">The largest test's peak memory, KiB.</param>
/// <param name="Toolchain">What ran it.</param>
/// <param name="Messages">The compiler's, where it did not compile; at most 4 KiB.</param>
public sealed record SolutionResult(
    Guid SolutionId, string Name, string Language, string Expected, string Actual, int? Ordinal, int CpuMs, int MemoryKb, string? Toolchain, string? Messages)
{
    /// <summary>True when it behaves as declared.</summary>
    public bool Holds => Actual == Expected;
}
