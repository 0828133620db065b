using System.Text.Json.Serialization;

namespace TalentSphere.Challenges.Catalogue;

/// <summary>A challenge as everybody may see it: with its samples and without its hidden tests.</summary>
internal sealed record ChallengeView(
    Guid Id,
    string Title,
    string Statement,
    Difficulty Difficulty,
    int Points,
    IReadOnlyList<string> Tags,
    int TimeLimitMs,
    int MemoryLimitKb,
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
        challenge.Difficulty,
        challenge.Difficulty.Points(),
        challenge.Tags,
        challenge.TimeLimitMs,
        challenge.MemoryLimitKb,
        challenge.AuthorId,
        challenge.PublishedAt,
        challenge.CreatedAt,
        challenge.UpdatedAt,
        [.. challenge.TestCases.Where(t => t.Sample).OrderBy(t => t.Ordinal).Select(t => new SampleView(t.Ordinal, t.Input, t.ExpectedOutput, t.Explanation))])
    {
        Slug = challenge.Slug,
    };
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
