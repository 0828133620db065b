using Microsoft.Extensions.DependencyInjection;

namespace TalentSphere.ServiceDefaults.Errors;

/// <summary>What a violated unique constraint means to the caller: it is answered with 409 and this code.</summary>
/// <param name="Constraint">The name of the constraint or unique index in PostgreSQL.</param>
/// <param name="Code">The error code.</param>
/// <param name="Message">The text for people.</param>
public sealed record ConflictRule(string Constraint, string Code, string Message);

/// <summary>Registers <see cref="ConflictRule"/>s.</summary>
public static class ConflictRuleExtensions
{
    /// <summary>A violation of <paramref name="constraint"/> is answered with 409 <paramref name="code"/> instead of being checked beforehand.</summary>
    public static IServiceCollection AddConflict(this IServiceCollection services, string constraint, string code, string message) =>
        services.AddSingleton(new ConflictRule(constraint, code, message));
}
