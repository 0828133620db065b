using System.ComponentModel.DataAnnotations;

namespace TalentSphere.Lms;

/// <summary>
/// A text that people typed: at most <paramref name="length"/> UTF-16 units, and no control characters, which PostgreSQL (NUL) or a
/// reader's terminal would stumble over. Null is valid; combine with <see cref="RequiredAttribute"/>.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class TextAttribute(int length) : ValidationAttribute
{
    /// <summary>Allows tabs and line ends.</summary>
    public bool MultiLine { get; init; }

    protected override ValidationResult? IsValid(object? value, ValidationContext validationContext)
    {
        if (Fault(value as string) is not { } fault)
            return ValidationResult.Success;
        return new ValidationResult(fault, [validationContext.MemberName!]);
    }

    private string? Fault(string? text)
    {
        if (text is null)
            return null;
        if (text.Length > length)
            return $"must be at most {length} characters long";
        foreach (var c in text)
        {
            if (char.IsControl(c) && !(MultiLine && c is '\t' or '\n' or '\r'))
                return "must not hold control characters";
        }
        return null;
    }
}
