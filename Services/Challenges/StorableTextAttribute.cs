using System.ComponentModel.DataAnnotations;
using System.Text;

namespace TalentSphere.Challenges;

/// <summary>Text that can be stored as it is: bounded in UTF-8 bytes, without NUL, which PostgreSQL's text cannot hold.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter)]
internal sealed class StorableTextAttribute(int maxBytes) : ValidationAttribute
{
    /// <summary>The most bytes in UTF-8.</summary>
    public int MaxBytes { get; } = maxBytes;

    protected override ValidationResult? IsValid(object? value, ValidationContext validationContext) => value switch
    {
        string text when text.Contains('\0') => Fault("must not hold NUL characters", validationContext),
        string text when Encoding.UTF8.GetByteCount(text) > MaxBytes => Fault($"must have at most {MaxBytes} bytes in UTF-8", validationContext),
        _ => ValidationResult.Success,
    };

    private static ValidationResult Fault(string message, ValidationContext context) => new(message, context.MemberName is { } member ? [member] : null);
}
