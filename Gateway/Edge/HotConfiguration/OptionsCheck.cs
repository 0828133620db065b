using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Gateway.Edge.HotConfiguration;

/// <summary>A section that may be changed at run time.</summary>
/// <param name="Name">Its name.</param>
internal sealed record HotSection(string Name);

/// <summary>Binds a section to its options as a configuration would have them, and asks everybody who validates them.</summary>
internal sealed class OptionsCheck<TOptions>(HotSection section, IEnumerable<IValidateOptions<TOptions>> validators) : IEdgeConfigurationCheck
    where TOptions : class
{
    public ValueTask<IReadOnlyList<FailureDetail>> CheckAsync(IConfiguration merged, CancellationToken cancellationToken)
    {
        TOptions options;
        try
        {
            options = merged.GetSection(section.Name).Get<TOptions>(binder => binder.ErrorOnUnknownConfiguration = true) ?? Activator.CreateInstance<TOptions>();
        }
        catch (InvalidOperationException e)
        {
            // Values that are of another type, and names that nobody knows.
            return new([new(section.Name, e.InnerException is null ? e.Message : $"{e.Message} {e.InnerException.Message}")]);
        }
        var faults = new List<FailureDetail>();
        var results = new List<ValidationResult>();
        if (!Validator.TryValidateObject(options, new(options), results, validateAllProperties: true))
            faults.AddRange(results.Select(r => new FailureDetail(string.Join(':', r.MemberNames.Prepend(section.Name)), r.ErrorMessage ?? "is not valid")));
        foreach (var validator in validators)
        {
            // Attributes were asked above, with the member's name.
            if (validator is not DataAnnotationValidateOptions<TOptions> && validator.Validate(Options.DefaultName, options) is { Failed: true } result)
                faults.AddRange(result.Failures.Select(f => new FailureDetail(section.Name, f)));
        }
        return new(faults);
    }
}
