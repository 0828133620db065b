using System.ComponentModel.DataAnnotations;

namespace TalentSphere.Judge.Jobs;

/// <summary>A program and the tests that it is to pass.</summary>
public sealed record JudgeJob : IValidatableObject
{
    /// <summary>Of this attempt, for logs.</summary>
    public Guid Id { get; init; }

    /// <summary>The id of a language.</summary>
    [Required]
    public string Language { get; init; } = "";

    /// <summary>The program's text. Empty is a program too.</summary>
    [Required(AllowEmptyStrings = true), MaxLength(MaxSource)]
    public string Source { get; init; } = "";

    /// <summary>Before the language's factor.</summary>
    [Required]
    public JobLimits Limits { get; init; } = new();

    /// <summary>How outputs are compared.</summary>
    [Required]
    public JobChecker Checker { get; init; } = new();

    /// <summary>Leaves out the tests after the first that is not accepted.</summary>
    public bool StopAtFirstFailure { get; init; }

    /// <summary>Answers carry what the program wrote, shortened: for samples only.</summary>
    public bool CaptureOutput { get; init; }

    /// <summary>At least one.</summary>
    [Required, MinLength(1), MaxLength(500)]
    public IReadOnlyList<JobTest> Tests { get; init; } = [];

    /// <summary>The longest source, in characters.</summary>
    internal const int MaxSource = 1024 * 1024;

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Tests.Select(t => t.Ordinal).Distinct().Count() != Tests.Count)
            yield return new("Ordinals must differ.", [nameof(Tests)]);
        if (Checker is { Kind: CheckerKind.Program } and not { Source.Length: > 0, Language.Length: > 0 })
            yield return new("A checker program needs a language and a source.", [nameof(Checker)]);
    }
}

/// <summary>What a program may use.</summary>
public sealed record JobLimits
{
    /// <summary>Processor time of one test, in milliseconds, before the language's factor.</summary>
    [Range(10, 60_000)]
    public int CpuMs { get; init; } = 2000;

    /// <summary>Memory, in KiB.</summary>
    [Range(1024, 4 * 1024 * 1024)]
    public int MemoryKb { get; init; } = 262_144;

    /// <summary>Standard output, in KiB.</summary>
    [Range(1, 64 * 1024)]
    public int OutputKb { get; init; } = 1024;
}

/// <summary>How outputs are compared.</summary>
public enum CheckerKind
{
    /// <summary>Line by line; line ends may be CRLF, and those at the very end may be missing or more.</summary>
    Exact,

    /// <summary>Word by word, whatever white space is between them.</summary>
    Tokens,

    /// <summary>As tokens, and numbers may differ by a tolerance.</summary>
    Float,

    /// <summary>The same lines in any order.</summary>
    UnorderedLines,

    /// <summary>A program decides.</summary>
    Program,
}

/// <summary>How outputs are compared, and with what.</summary>
public sealed record JobChecker
{
    /// <summary>The kind.</summary>
    public CheckerKind Kind { get; init; } = CheckerKind.Tokens;

    /// <summary>Of numbers: the difference that is always allowed.</summary>
    [Range(0.0, 1_000_000.0)]
    public double Absolute { get; init; } = 1e-6;

    /// <summary>Of numbers: the difference that is allowed for each unit of the expected one.</summary>
    [Range(0.0, 1.0)]
    public double Relative { get; init; } = 1e-6;

    /// <summary>ASCII letters may come in either case; no matter to a checker program.</summary>
    public bool IgnoreCase { get; init; }

    /// <summary>Of a checker program: the id of its language.</summary>
    public string? Language { get; init; }

    /// <summary>Of a checker program: its text.</summary>
    [MaxLength(JudgeJob.MaxSource)]
    public string? Source { get; init; }
}

/// <summary>One test.</summary>
public sealed record JobTest
{
    /// <summary>Its place among the challenge's tests.</summary>
    [Range(0, int.MaxValue)]
    public int Ordinal { get; init; }

    /// <summary>Standard input.</summary>
    [Required(AllowEmptyStrings = true)]
    public string Input { get; init; } = "";

    /// <summary>What is expected on standard output. It never enters the program's box.</summary>
    [Required(AllowEmptyStrings = true)]
    public string ExpectedOutput { get; init; } = "";
}
