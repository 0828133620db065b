using System.ComponentModel.DataAnnotations;
using System.Text;
using TalentSphere.Challenges.Catalogue;

namespace TalentSphere.Challenges.TestCases;

/// <summary>What an author says about a test case; the same for a new one and for a changed one.</summary>
public sealed record TestCaseRequest : IValidatableObject
{
    public const int MaxText = 256 * 1024;
    public const int MaxSampleText = 16 * 1024;
    public const int MaxExplanation = 4 * 1024;

    /// <summary>The place in the order; null: at the end, or where it is.</summary>
    [Range(1, 1000)]
    public int? Ordinal { get; init; }

    /// <summary>True: shown to everybody with the statement.</summary>
    [Required]
    public bool? Sample { get; init; }

    /// <summary>What the program reads; may be empty. At most 256 KiB in UTF-8, 16 KiB for a sample.</summary>
    [Required(AllowEmptyStrings = true), StorableText(MaxText)]
    public string? Input { get; init; }

    /// <summary>What the program must write; may be empty. At most 256 KiB in UTF-8, 16 KiB for a sample.</summary>
    [Required(AllowEmptyStrings = true), StorableText(MaxText)]
    public string? ExpectedOutput { get; init; }

    [StorableText(MaxExplanation)]
    public string? Explanation { get; init; }

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Sample is not true)
            yield break;
        foreach (var (name, text) in ((string, string?)[])[(nameof(Input), Input), (nameof(ExpectedOutput), ExpectedOutput)])
        {
            if (text is not null && Encoding.UTF8.GetByteCount(text) > MaxSampleText)
                yield return new($"must have at most {MaxSampleText} bytes in UTF-8 in a sample", [name]);
        }
    }

    internal void ApplyTo(TestCase test)
    {
        test.Ordinal = Ordinal ?? test.Ordinal;
        test.Sample = Sample!.Value;
        test.Input = Input!;
        test.ExpectedOutput = ExpectedOutput!;
        test.Explanation = string.IsNullOrWhiteSpace(Explanation) ? null : Explanation;
    }
}

/// <summary>A test case as its author sees it.</summary>
internal sealed record TestCaseView(
    Guid Id, Guid ChallengeId, int Ordinal, bool Sample, string Input, string ExpectedOutput, string? Explanation, DateTime CreatedAt, DateTime UpdatedAt)
{
    public static TestCaseView Of(TestCase test) =>
        new(test.Id, test.ChallengeId, test.Ordinal, test.Sample, test.Input, test.ExpectedOutput, test.Explanation, test.CreatedAt, test.UpdatedAt);
}
