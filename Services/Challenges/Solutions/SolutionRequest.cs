using System.ComponentModel.DataAnnotations;
using TalentSphere.Challenges.Judging;
using TalentSphere.Challenges.Submissions;

namespace TalentSphere.Challenges.Solutions;

/// <summary>What an author says about a solution; the same for a new one and for a changed one.</summary>
public sealed record SolutionRequest
{
    public const int MaxName = 100;

    /// <summary>For people, such as a file name.</summary>
    [Required, StringLength(MaxName), StorableText(4 * MaxName)]
    public string? Name { get; init; }

    [Required]
    [AllowedValues(null, Languages.Python, Languages.JavaScript, Languages.C, Languages.Cpp, Languages.Java, Languages.CSharp,
        ErrorMessage = "must be one of python, javascript, c, cpp, java, csharp")]
    public string? Language { get; init; }

    /// <summary>The program: at most 64 KiB in UTF-8.</summary>
    [Required, StorableText(SubmitSolutionRequest.MaxCode)]
    public string? Source { get; init; }

    /// <summary>The verdict that the program must get: <c>accepted</c>, or the way in which it must fail.</summary>
    [Required]
    [AllowedValues(null, Verdicts.Accepted, Verdicts.WrongAnswer, Verdicts.TimeLimit, Verdicts.MemoryLimit, Verdicts.OutputLimit, Verdicts.RuntimeError,
        Verdicts.CompileError,
        ErrorMessage = "must be one of accepted, wrong-answer, time-limit, memory-limit, output-limit, runtime-error, compile-error")]
    public string? Expected { get; init; }

    internal void ApplyTo(Solution solution)
    {
        solution.Name = Name!.Trim();
        solution.Language = Language!;
        solution.Source = Source!;
        solution.Expected = Expected!;
    }
}

/// <summary>A solution as its author sees it.</summary>
internal sealed record SolutionView(
    Guid Id, Guid ChallengeId, string Name, string Language, string Expected, string Source, DateTime CreatedAt, DateTime UpdatedAt)
{
    public static SolutionView Of(Solution solution) => new(
        solution.Id, solution.ChallengeId, solution.Name, solution.Language, solution.Expected, solution.Source, solution.CreatedAt, solution.UpdatedAt);
}

/// <summary>A solution in its author's list.</summary>
internal sealed record SolutionSummary(Guid Id, Guid ChallengeId, string Name, string Language, string Expected, DateTime CreatedAt, DateTime UpdatedAt);
