using System.ComponentModel.DataAnnotations;

namespace TalentSphere.ServiceDefaults.Validation;

/// <summary>
/// Text that people read: bounded in UTF-16 code units and free of control characters (PostgreSQL stores no NUL). Blank text counts as none, as forms send it;
/// <see cref="RequiredAttribute"/> refuses that.
/// </summary>
/// <param name="maximumLength">The most code units.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class TextAttribute(int maximumLength) : StringLengthAttribute(maximumLength)
{
    /// <summary>Line breaks and tabs are allowed.</summary>
    public bool Lines { get; init; }

    protected override ValidationResult? IsValid(object? value, ValidationContext validationContext) =>
        value is not string text ? ValidationResult.Success
        : PlainText.FindFault(text, MaximumLength, Lines) is { } fault ? new ValidationResult(fault)
        : ValidationResult.Success;
}

/// <summary>A list of such texts, none of them blank.</summary>
/// <param name="maximumCount">The most entries.</param>
/// <param name="maximumLength">The most code units of an entry.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class TextListAttribute(int maximumCount, int maximumLength) : MaxLengthAttribute(maximumCount)
{
    protected override ValidationResult? IsValid(object? value, ValidationContext validationContext)
    {
        if (value is not IReadOnlyList<string?> entries)
            return ValidationResult.Success;
        if (entries.Count > Length)
            return new ValidationResult($"holds more than {Length} entries");
        for (var i = 0; i < entries.Count; i++)
        {
            if (string.IsNullOrWhiteSpace(entries[i]))
                return new ValidationResult($"entry {i} must not be blank");
            if (PlainText.FindFault(entries[i]!, maximumLength, lines: false) is { } fault)
                return new ValidationResult($"entry {i} {fault}");
        }
        return ValidationResult.Success;
    }
}

/// <summary>What text that people typed is cleaned of and checked for.</summary>
public static class PlainText
{
    /// <summary>The text without the blanks around it; null when nothing is left.</summary>
    public static string? Clean(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();

    /// <summary>What is wrong with a text; null when nothing is.</summary>
    public static string? FindFault(string text, int maximumLength, bool lines)
    {
        if (text.Length > maximumLength)
            return $"must be at most {maximumLength} characters long";
        foreach (var c in text)
        {
            if (char.IsControl(c) && !(lines && c is '\n' or '\r' or '\t'))
                return "must not hold control characters";
        }
        return null;
    }
}
