using System.ComponentModel.DataAnnotations;
using System.Text.RegularExpressions;
using TalentSphere.ServiceDefaults.Validation;

namespace TalentSphere.Lms.Courses;

/// <summary>What an author says about a course, in full: editing replaces all of it.</summary>
public sealed record CourseRequest
{
    [Required]
    [Text(200)]
    public string? Title { get; init; }

    /// <summary>A few sentences for lists.</summary>
    [Required]
    [Text(500)]
    public string? Summary { get; init; }

    /// <summary>Markdown.</summary>
    [Text(20_000, Lines = true)]
    public string? Description { get; init; }

    [Required]
    public CourseLevel? Level { get; init; }

    /// <summary>At most 20 words of at most 40 characters.</summary>
    [TagList]
    public IReadOnlyList<string>? Tags { get; init; }

    /// <summary>A language tag (BCP 47); <c>en</c> when absent.</summary>
    [StringLength(35)]
    [RegularExpression("^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,4}$", ErrorMessage = "must be a language tag such as en or pt-BR")]
    public string? Language { get; init; }

    internal CourseDetails ToDetails() => new(
        Title!.Trim(), Summary!.Trim(), Description?.Trim() ?? "", Level!.Value, TagListAttribute.Normalise(Tags ?? []), Language ?? "en");
}

/// <summary>At most 20 tags of letters, digits and <c>. + # -</c>, each at most 40 characters.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed partial class TagListAttribute : ValidationAttribute
{
    private const int _most = 20;

    /// <summary>Lower case, blanks as dashes, each once.</summary>
    public static IReadOnlyList<string> Normalise(IEnumerable<string> tags) =>
        [.. tags.Select(t => t.Trim().ToLowerInvariant().Replace(' ', '-')).Distinct(StringComparer.Ordinal)];

    protected override ValidationResult? IsValid(object? value, ValidationContext validationContext)
    {
        if (value is not IReadOnlyList<string?> tags)
            return ValidationResult.Success;
        if (tags.Count > _most)
            return new ValidationResult($"must be at most {_most} tags", [validationContext.MemberName!]);
        return tags.All(t => t is not null && Tag().IsMatch(t.Trim()))
            ? ValidationResult.Success
            : new ValidationResult("must be words of letters, digits and . + # - with at most 40 characters", [validationContext.MemberName!]);
    }

    [GeneratedRegex(@"^[\p{L}\p{N}.+# -]{1,40}\z")]
    private static partial Regex Tag();
}
