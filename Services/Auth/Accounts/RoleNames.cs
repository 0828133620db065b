using System.ComponentModel.DataAnnotations;
using TalentSphere.Contracts.Auth;

namespace TalentSphere.Auth.Accounts;

/// <summary>The names that callers may use for roles.</summary>
public static class RoleNames
{
    /// <summary>The role that <paramref name="name"/> means, any case; <c>learner</c> and <c>recruiter</c> are other names of jobseeker and
    /// employer. Null when unknown.</summary>
    public static string? Find(string? name) => name?.Trim().ToLowerInvariant() switch
    {
        "learner" => Roles.JobSeeker,
        "recruiter" => Roles.Employer,
        { } known when Roles.All.Contains(known) => known,
        _ => null,
    };
}

/// <summary>Accepts the roles that anyone may register with.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class SelfRegisteredRoleAttribute() : ValidationAttribute("must be one of " + string.Join(", ", Roles.SelfRegistered))
{
    public override bool IsValid(object? value) => value is not string name || (RoleNames.Find(name) is { } role && Roles.SelfRegistered.Contains(role));
}

/// <summary>Accepts a list of known roles.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class KnownRolesAttribute() : ValidationAttribute("must hold only " + string.Join(", ", Roles.All))
{
    public override bool IsValid(object? value) => value is not IEnumerable<string?> names || names.All(n => RoleNames.Find(n) is not null);
}
