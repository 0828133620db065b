using System.Text.Json.Serialization;

namespace TalentSphere.Challenges.Catalogue;

/// <summary>A challenge as everybody may see it: with its samples and without its hidden tests.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Title">Plain text.</param>
/// <param name="Statement">Markdown as its author wrote it: not safe in a page.</param>
/// <param name="StatementHtml">The same rendered, with nothing in it that could run or load anything but pictures: safe in a page.</param>
/// <param name="Difficulty">How hard it is.</param>
/// <param name="Points">For solving it, once per learner.</param>
/// <param name="Tags">Lower-case words.</param>
/// <param name="TimeLimitMs">CPU time for one test, milliseconds, before the language's factor.</param>
/// <param name="MemoryLimitKb">Memory for one test, KiB.</param>
/// <param name="Checker">How outputs are compared.</param>
/// <param name="ContentVersion">Counts the changes of what a program is judged by; from 1.</param>
/// <param name="AuthorId">Whose it is.</param>
/// <param name="PublishedAt">UTC; null for a draft.</param>
/// <param name="CreatedAt">UTC.</param>
/// <param name="UpdatedAt">UTC.</param>
/// <param name="Samples">The examples, in their order.</param>
internal sealed record ChallengeView(
    Guid Id,
    string Title,
    string Statement,
    string StatementHtml,
    Difficulty Difficulty,
    int Points,
    IReadOnlyList<string> Tags,
    int TimeLimitMs,
    int MemoryLimitKb,
    CheckerView Checker,
    int ContentVersion,
    Guid AuthorId,
    DateTime? PublishedAt,
    DateTime CreatedAt,
    DateTime UpdatedAt,
    IReadOnlyList<SampleView> Samples)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Slug { get; init; }

    public static ChallengeView Of(Challenge challenge) => new(
        challenge.Id,
        challenge.Title,
        challenge.Statement,
        Catalogue.StatementHtml.Of(challenge.Statement),
        challenge.Difficulty,
        challenge.Difficulty.Points(),
        challenge.Tags,
        challenge.TimeLimitMs,
        challenge.MemoryLimitKb,
        CheckerView.Of(challenge.Checker),
        challenge.ContentVersion,
        challenge.AuthorId,
        challenge.PublishedAt,
        challenge.CreatedAt,
        challenge.UpdatedAt,
        [.. challenge.TestCases.Where(t => t.Sample).OrderBy(t => t.Ordinal).Select(t => new SampleView(t.Ordinal, t.Input, t.ExpectedOutput, t.Explanation))])
    {
        Slug = challenge.Slug,
    };

    /// <summary>The same with what only its author and admins may see of the checker; never in an answer that may be cached.</summary>
    public static ChallengeView ForAuthor(Challenge challenge) => Of(challenge) with { Checker = CheckerView.ForAuthor(challenge.Checker) };
}

/// <summary>How outputs are compared, as everybody may know it: a checker program may hold answers and is not in it.</summary>
/// <param name="Kind">Which comparison.</param>
/// <param name="Absolute">How far a number may be from the expected one; only for <c>float</c>.</param>
/// <param name="Relative">How far, as a part of the expected number; only for <c>float</c>.</param>
/// <param name="IgnoreCase">Whether letters may come in either case.</param>
internal sealed record CheckerView(
    CheckerKind Kind,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? Absolute,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? Relative,
    bool IgnoreCase)
{
    /// <summary>The checker program's language, for its author and admins.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Language { get; init; }

    /// <summary>The checker program, for its author and admins.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Source { get; init; }

    public static CheckerView Of(CheckerSpec checker) => new(checker.Kind, checker.Absolute, checker.Relative, checker.IgnoreCase);

    public static CheckerView ForAuthor(CheckerSpec checker) => Of(checker) with { Language = checker.Language, Source = checker.Source };
}

/// <summary>An example that belongs to the statement.</summary>
internal sealed record SampleView(
    int Ordinal, string Input, string ExpectedOutput, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Explanation);

/// <summary>A challenge in a list.</summary>
internal sealed record ChallengeSummary(
    Guid Id,
    string Title,
    Difficulty Difficulty,
    int Points,
    IReadOnlyList<string> Tags,
    DateTime? PublishedAt,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Slug);
