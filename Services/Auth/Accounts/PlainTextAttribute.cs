using System.ComponentModel.DataAnnotations;

namespace TalentSphere.Auth.Accounts;

/// <summary>Accepts one line of text: no control characters, NUL above all, which PostgreSQL cannot store.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter)]
internal sealed class PlainTextAttribute() : ValidationAttribute("must not hold control characters")
{
    public override bool IsValid(object? value) => value is not string text || !text.Any(char.IsControl);
}
