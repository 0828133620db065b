using System.ComponentModel.DataAnnotations;

namespace TalentSphere.Challenges.Catalogue;

/// <summary>What an author says about a challenge; the same for a new one and for a changed one.</summary>
public sealed record ChallengeRequest
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
    [TagList(MaxTags, MaxTag)]
    public IReadOnlyList<string?>? Tags { get; init; }

    /// <summary>CPU time for one test, milliseconds.</summary>
    [Range(100, 10_000)]
    public int TimeLimitMs { get; init; } = 2_000;

    /// <summary>Memory for one test, KiB.</summary>
    [Range(16 * 1024, 1024 * 1024)]
    public int MemoryLimitKb { get; init; } = 256 * 1024;

    /// <summary>How outputs are compared with the expected ones; word by word when it says nothing.</summary>
    public CheckerRequest? Checker { get; init; }

    /// <summary>The tags as they are stored: lower case, each once.</summary>
    internal List<string> NormalTags() => [.. (Tags ?? []).Select(t => t!.Trim().ToLowerInvariant()).Distinct()];

    /// <returns>True when programs are judged by something else from now on.</returns>
    internal bool ApplyTo(Challenge challenge)
    {
        challenge.Title = Title!.Trim();
        challenge.Statement = Statement!;
        challenge.Difficulty = Difficulty!.Value;
        challenge.Tags = NormalTags();
        var checker = Checker?.ToSpec() ?? CheckerSpec.Default;
        if ((challenge.TimeLimitMs, challenge.MemoryLimitKb, challenge.Checker) == (TimeLimitMs, MemoryLimitKb, checker))
            return false;
        challenge.TimeLimitMs = TimeLimitMs;
        challenge.MemoryLimitKb = MemoryLimitKb;
        challenge.Checker = checker;
        return true;
    }
}

/// <summary>Few short words of letters, digits and hyphens; in which case they come does not matter.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class TagListAttribute(int most, int longest) : ValidationAttribute
{
    protected override ValidationResult? IsValid(object? value, ValidationContext validationContext) => value switch
    {
        IReadOnlyList<string?> tags when tags.Count > most => new($"must hold at most {most} tags"),
        IReadOnlyList<string?> tags when !tags.All(IsTag) => new($"must hold tags of 1 to {longest} letters, digits and hyphens"),
        _ => ValidationResult.Success,
    };

    private bool IsTag(string? tag) => tag?.Trim() is { Length: > 0 } word && word.Length <= longest && word.All(c => char.IsAsciiLetterOrDigit(c) || c == '-');
}
