using System.ComponentModel.DataAnnotations;

namespace TalentSphere.Jobs.Validation;

/// <summary>
/// A number that is not smaller than another one of the request; checked as a property's own rule, so that it is named together with every other fault.
/// </summary>
/// <param name="path">The properties that lead from the request itself (nested objects are validated in its context) to the smaller number.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class NotBelowAttribute(params string[] path) : ValidationAttribute
{
    protected override ValidationResult? IsValid(object? value, ValidationContext validationContext)
    {
        object? smaller = validationContext.ObjectInstance;
        foreach (var property in path)
            smaller = smaller?.GetType().GetProperty(property)?.GetValue(smaller);
        return value is int number && smaller is int bound && number < bound
            ? new ValidationResult($"must not be below {path[^1].ToLowerInvariant()}")
            : ValidationResult.Success;
    }
}
