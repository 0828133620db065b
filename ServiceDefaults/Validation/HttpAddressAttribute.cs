using System.ComponentModel.DataAnnotations;

namespace TalentSphere.ServiceDefaults.Validation;

/// <summary>
/// An absolute <c>http</c> or <c>https</c> address of at most 2048 characters, without credentials: it is shown to other people as a link, so that no other
/// scheme (<c>javascript:</c>, <c>file:</c>, <c>data:</c>) may pass.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class HttpAddressAttribute() : StringLengthAttribute(2048)
{
    protected override ValidationResult? IsValid(object? value, ValidationContext validationContext)
    {
        if (PlainText.Clean(value as string) is not { } text)
            return ValidationResult.Success;
        if (PlainText.FindFault(text, MaximumLength, lines: false) is { } fault)
            return new ValidationResult(fault);
        return Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri is { Scheme: "http" or "https", Host.Length: > 0, UserInfo.Length: 0 }
            ? ValidationResult.Success
            : new ValidationResult("must be an absolute http or https address");
    }
}
