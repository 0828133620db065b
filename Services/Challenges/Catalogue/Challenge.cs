using System.Text;
using TalentSphere.Challenges.Judging;
using TalentSphere.Challenges.Solutions;
using TalentSphere.ServiceDefaults.Data;

namespace TalentSphere.Challenges.Catalogue;

/// <summary>A coding challenge: a program reads an input and must write the expected output. A draft until it is published.</summary>
public sealed class Challenge : ITimestamped
{
    /// <summary>The most test cases of one challenge.</summary>
    public const int MaxTestCases = 100;

    /// <summary>The most samples among them: all of them come with the challenge itself.</summary>
    public const int MaxSamples = 10;

    /// <summary>The most that all inputs and expected outputs have together, in UTF-8 bytes: each judging carries them.</summary>
    public const int MaxTestBytes = 16 * 1024 * 1024;

    /// <summary>The most solutions that an author may keep with one challenge.</summary>
    public const int MaxSolutions = 20;

    /// <summary>In so many languages must a challenge be solved by its author.</summary>
    public const int ReferenceLanguages = 2;

    public Guid Id { get; init; }

    /// <summary>The stable name of sample content; null for challenges that people write.</summary>
    public string? Slug { get; init; }

    public Guid AuthorId { get; init; }

    public required string Title { get; set; }

    /// <summary>Markdown, as it was written.</summary>
    public required string Statement { get; set; }

    public Difficulty Difficulty { get; set; }

    public List<string> Tags { get; set; } = [];

    /// <summary>CPU time for one test, milliseconds.</summary>
    public int TimeLimitMs { get; set; }

    /// <summary>Memory for one test, KiB.</summary>
    public int MemoryLimitKb { get; set; }

    /// <summary>How outputs are compared with the expected ones.</summary>
    public CheckerSpec Checker { get; set; } = CheckerSpec.Default;

    /// <summary>When it became visible, UTC; null for a draft.</summary>
    public DateTime? PublishedAt { get; private set; }

    public List<TestCase> TestCases { get; } = [];

    public List<Solution> Solutions { get; } = [];

    /// <summary>The latest check of the solutions; null when there was none.</summary>
    public SolutionCheck? Check { get; init; }

    /// <summary>Counts the changes of what a program is judged by, its tests, limits and checker; from 1. Verdicts belong to one of them.</summary>
    public int ContentVersion { get; private set; } = 1;

    /// <summary>Counts the changes of what a check proves: the content and the solutions. From 1.</summary>
    public int AuthoringVersion { get; private set; } = 1;

    public uint Version { get; private set; }

    public DateTime CreatedAt { get; set; }

    public DateTime UpdatedAt { get; set; }

    /// <summary>Learners need an example, and a test that cannot be answered by copying it.</summary>
    public bool IsComplete => TestCases.Exists(t => t.Sample) && TestCases.Exists(t => !t.Sample);

    /// <summary>Whoever sets a challenge has solved it, in more than one language.</summary>
    public bool HasReferences => Solutions.Where(s => s.Expected == Verdicts.Accepted).Select(s => s.Language).Distinct().Count() >= ReferenceLanguages;

    /// <summary>Says that programs are judged by something else from now on.</summary>
    public void ChangeContent()
    {
        ContentVersion++;
        AuthoringVersion++;
    }

    /// <summary>Says that the author's solutions are others from now on.</summary>
    public void ChangeSolutions() => AuthoringVersion++;

    /// <summary>Makes the challenge visible; once it is, publishing again changes nothing.</summary>
    /// <returns>False when it lacks a sample or a hidden test.</returns>
    public bool Publish(DateTime now)
    {
        if (!IsComplete)
            return false;
        // PostgreSQL keeps microseconds: what is answered now must equal what is read later.
        PublishedAt ??= now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMicrosecond));
        return true;
    }

    /// <summary>The ordinal that a new test case takes when it names none.</summary>
    public int NextOrdinal => TestCases.Select(t => t.Ordinal).DefaultIfEmpty(0).Max() + 1;

    /// <summary>True when the test cases, as they are now, are more samples than a challenge has.</summary>
    public bool HasTooManySamples => TestCases.Count(t => t.Sample) > MaxSamples;

    /// <summary>True when the test cases, as they are now, are longer together than a challenge's may be.</summary>
    public bool HasTooLongTests => TestCases.Sum(t => (long)Encoding.UTF8.GetByteCount(t.Input) + Encoding.UTF8.GetByteCount(t.ExpectedOutput)) > MaxTestBytes;

    /// <summary>True when the test cases, as they are now, leave a published challenge without a sample or without a hidden test.</summary>
    public bool IsBroken => PublishedAt is not null && !IsComplete;
}

/// <summary>One test: what the program reads and what it must write. Only samples are ever shown to learners.</summary>
public sealed class TestCase : ITimestamped
{
    public Guid Id { get; init; }

    public Guid ChallengeId { get; init; }

    /// <summary>Tests run in this order; unique in the challenge, from 1.</summary>
    public int Ordinal { get; set; }

    public bool Sample { get; set; }

    public required string Input { get; set; }

    public required string ExpectedOutput { get; set; }

    public string? Explanation { get; set; }

    public uint Version { get; private set; }

    public DateTime CreatedAt { get; set; }

    public DateTime UpdatedAt { get; set; }
}
