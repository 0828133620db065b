using TalentSphere.Challenges.Catalogue;
using TalentSphere.ServiceDefaults.Data;

namespace TalentSphere.Challenges.Submissions;

/// <summary>Where a submission stands.</summary>
public enum SubmissionStatus
{
    /// <summary>Stored and announced; waits for a judge. A verdict that it has already, before it is judged again, stays in force meanwhile.</summary>
    Queued,

    /// <summary>A judge is at it.</summary>
    Running,

    /// <summary>The verdict is there.</summary>
    Judged,
}

/// <summary>A solution that somebody handed in, its place in the queue and the verdict in force.</summary>
public sealed class Submission : ITimestamped
{
    public Guid Id { get; init; }

    public Guid ChallengeId { get; init; }

    public Challenge? Challenge { get; init; }

    public Guid UserId { get; init; }

    /// <summary>One of <see cref="Languages.All"/>.</summary>
    public required string Language { get; init; }

    /// <summary>The source, 1 byte to 64 KiB in UTF-8, as it came.</summary>
    public required string Code { get; init; }

    /// <summary>Of the request that handed it in: whatever follows from it carries the same.</summary>
    public string? CorrelationId { get; init; }

    public SubmissionStatus Status { get; private set; }

    /// <summary>0 for what was handed in, 1 for what is only judged again: that comes when nobody waits.</summary>
    public short Priority { get; private set; }

    /// <summary>The lower, the sooner: one person's second submission comes after everybody's first.</summary>
    public long Turn { get; init; }

    /// <summary>Not to be tried before; null: at once.</summary>
    public DateTime? DueAt { get; private set; }

    /// <summary>How often judging was begun. It tells one beginning from the next: whoever holds an older number writes nothing any more.</summary>
    public int Attempt { get; private set; }

    /// <summary>How many of those in a row ended without a verdict.</summary>
    public int Failures { get; private set; }

    /// <summary>The dispatcher that is at it.</summary>
    public Guid? Worker { get; private set; }

    /// <summary>Up to here nobody else takes it, by the database's clock.</summary>
    public DateTime? LeaseUntil { get; private set; }

    /// <summary>The verdict in force; null before the first.</summary>
    public string? Verdict { get; private set; }

    /// <summary>The attempt that the verdict in force came from.</summary>
    public int? JudgedAttempt { get; private set; }

    /// <summary>The slowest test's CPU time, milliseconds.</summary>
    public int? CpuMs { get; private set; }

    /// <summary>The largest test's peak memory, KiB.</summary>
    public int? MemoryKb { get; private set; }

    /// <summary>When the verdict in force was given, UTC.</summary>
    public DateTime? JudgedAt { get; private set; }

    public List<Judgement> Judgements { get; } = [];

    public DateTime CreatedAt { get; set; }

    public DateTime UpdatedAt { get; set; }

    /// <summary>Puts a judgement in force and ends the work on it.</summary>
    /// <returns>True when the verdict is another one than before, or the first.</returns>
    public bool Decide(Judgement judgement)
    {
        var changed = Verdict != judgement.Verdict;
        (Verdict, JudgedAttempt, CpuMs, MemoryKb, JudgedAt) = (judgement.Verdict, judgement.Attempt, judgement.CpuMs, judgement.MemoryKb, judgement.JudgedAt);
        (Status, Priority, Failures, Worker, LeaseUntil, DueAt) = (SubmissionStatus.Judged, 0, 0, null, null, null);
        return changed;
    }
}

/// <summary>The languages that solutions may be written in.</summary>
public static class Languages
{
    public const string Python = "python";
    public const string JavaScript = "javascript";
    public const string C = "c";
    public const string Cpp = "cpp";
    public const string Java = "java";
    public const string CSharp = "csharp";

    /// <summary>Every one of them.</summary>
    public static IReadOnlyList<string> All { get; } = [Python, JavaScript, C, Cpp, Java, CSharp];
}
