using System.ComponentModel.DataAnnotations;
using TalentSphere.Challenges.Submissions;

namespace TalentSphere.Challenges.Catalogue;

/// <summary>What an author says about the comparison of outputs.</summary>
public sealed record CheckerRequest : IValidatableObject
{
    [Required]
    public CheckerKind? Kind { get; init; }

    /// <summary>How far a number may be from the expected one; only for <c>float</c>.</summary>
    [Range(0, 1_000_000)]
    public double? Absolute { get; init; }

    /// <summary>How far, as a part of the expected number; only for <c>float</c>.</summary>
    [Range(0, 1)]
    public double? Relative { get; init; }

    /// <summary>Whether letters may come in either case; not for <c>program</c>.</summary>
    public bool IgnoreCase { get; init; }

    /// <summary>The checker program's language; only for <c>program</c>.</summary>
    [AllowedValues(null, Languages.Python, Languages.JavaScript, Languages.C, Languages.Cpp, Languages.Java, Languages.CSharp,
        ErrorMessage = "must be one of python, javascript, c, cpp, java, csharp")]
    public string? Language { get; init; }

    /// <summary>The checker program, at most 64 KiB in UTF-8; only for <c>program</c>.</summary>
    [StorableText(CheckerSpec.MaxSource)]
    public string? Source { get; init; }

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Kind is null)
            yield break;
        if (Kind != CheckerKind.Float)
        {
            if (Absolute is not null)
                yield return new("is only for float", [nameof(Absolute)]);
            if (Relative is not null)
                yield return new("is only for float", [nameof(Relative)]);
        }
        if (Kind == CheckerKind.Program)
        {
            if (Language is null)
                yield return new("is required for program", [nameof(Language)]);
            if (string.IsNullOrWhiteSpace(Source))
                yield return new("is required for program", [nameof(Source)]);
            if (IgnoreCase)
                yield return new("is not for program", [nameof(IgnoreCase)]);
        }
        else
        {
            if (Language is not null)
                yield return new("is only for program", [nameof(Language)]);
            if (Source is not null)
                yield return new("is only for program", [nameof(Source)]);
        }
    }

    internal CheckerSpec ToSpec() => new()
    {
        Kind = Kind!.Value,
        // One tolerance alone is meant alone: the other is then zero and not the default.
        Absolute = Kind == CheckerKind.Float ? Absolute ?? (Relative is null ? CheckerSpec.DefaultTolerance : 0) : null,
        Relative = Kind == CheckerKind.Float ? Relative ?? (Absolute is null ? CheckerSpec.DefaultTolerance : 0) : null,
        IgnoreCase = IgnoreCase,
        Language = Language,
        Source = Source,
    };
}
