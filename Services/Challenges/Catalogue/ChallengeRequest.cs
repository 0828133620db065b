using System.ComponentModel.DataAnnotations;

namespace TalentSphere.Challenges.Catalogue;

/// <summary>What an author says about a challenge; the same for a new one and for a changed one.</summary>
internal sealed record ChallengeRequest : IValidatableObject
{
    public const int MaxTitle = 200;
    public const int MaxStatement = 64 * 1024;
    public const int MaxTags = 10;
    public const int MaxTag = 40;

    [Required, StringLength(MaxTitle), StorableText(4 * MaxTitle)]
    public string? Title { get; init; }

    /// <summary>Markdown, at most 64 KiB in UTF-8.</summary>
    [Required, StorableText(MaxStatement)]
    public string? Statement { get; init; }

    [Required]
    public Difficulty? Difficulty { get; init; }

    /// <summary>Lower-case words of letters, digits and hyphens.</summary>
    [MaxLength(MaxTags)]
    public IReadOnlyList<string?>? Tags { get; init; }

    /// <summary>CPU time for one test, milliseconds.</summary>
    [Range(100, 10_000)]
    public int TimeLimitMs { get; init; } = 2_000;

    /// <summary>Memory for one test, KiB.</summary>
    [Range(16 * 1024, 1024 * 1024)]
    public int MemoryLimitKb { get; init; } = 256 * 1024;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        for (var i = 0; i < (Tags?.Count ?? 0); i++)
        {
            if (!IsTag(Tags![i]?.Trim().ToLowerInvariant()))
                yield return new($"must be 1 to {MaxTag} letters, digits and hyphens", [$"{nameof(Tags)}[{i}]"]);
        }
    }

    /// <summary>The tags as they are stored: lower case, each once.</summary>
    public List<string> NormalTags() => [.. (Tags ?? []).Select(t => t!.Trim().ToLowerInvariant()).Distinct()];

    public void ApplyTo(Challenge challenge)
    {
        challenge.Title = Title!.Trim();
        challenge.Statement = Statement!;
        challenge.Difficulty = Difficulty!.Value;
        challenge.Tags = NormalTags();
        challenge.TimeLimitMs = TimeLimitMs;
        challenge.MemoryLimitKb = MemoryLimitKb;
    }

    private static bool IsTag(string? tag) => tag is { Length: > 0 and <= MaxTag } && tag.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-');
}
