using TalentSphere.Challenges.Catalogue;
using TalentSphere.ServiceDefaults.Data;

namespace TalentSphere.Challenges.Submissions;

/// <summary>Where a submission stands.</summary>
public enum SubmissionStatus
{
    /// <summary>Stored and announced; waits for a judge.</summary>
    Queued,
}

/// <summary>A solution that somebody handed in. It is stored and announced here, never run.</summary>
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

    public SubmissionStatus Status { get; init; }

    public DateTime CreatedAt { get; set; }

    public DateTime UpdatedAt { get; set; }
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
