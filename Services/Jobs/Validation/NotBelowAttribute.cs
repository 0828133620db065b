using System.ComponentModel.DataAnnotations;

namespace TalentSphere.Jobs.Validation;

/// <summary>A number that is not smaller than another one of the same object; checked per property, so that it is named together with every other fault.</summary>
/// <param name="other">The name of the property with the smaller number.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class NotBelowAttribute(string other) : ValidationAttribute
{
    protected override ValidationResult? IsValid(object? value, ValidationContext validationContext)
    {
        var smaller = validationContext.ObjectType.GetProperty(other)?.GetValue(validationContext.ObjectInstance) as int?;
        return value is int number && number < smaller
            ? new ValidationResult($"must not be below {other.ToLowerInvariant()}")
            : ValidationResult.Success;
    }
}
