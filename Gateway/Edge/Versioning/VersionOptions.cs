using System.Collections.Frozen;
using System.ComponentModel.DataAnnotations;

namespace TalentSphere.Gateway.Edge.Versioning;

/// <summary>Section <c>Versions</c>.</summary>
internal sealed record VersionOptions
{
    public const string Section = "Versions";

    /// <summary>The versions that exist, separated by commas. A route may have fewer.</summary>
    [Required]
    [RegularExpression(@"^\s*v[1-9][0-9]{0,2}(\s*,\s*v[1-9][0-9]{0,2})*\s*$")]
    public string Known { get; init; } = ApiVersions.Current;

    public FrozenSet<string> Names => Known.Split(',', StringSplitOptions.TrimEntries).ToFrozenSet(StringComparer.Ordinal);
}

/// <summary>The version that a request asked for, where that is not the current one.</summary>
internal sealed record AskedVersion(string Name);

/// <summary>The versions of the API.</summary>
internal static class ApiVersions
{
    /// <summary>What is answered where none is asked for.</summary>
    public const string Current = "v1";

    /// <summary>The version that answers this request.</summary>
    public static string AnsweringOf(HttpContext context) =>
        context.Features.Get<AskedVersion>() is { } asked && context.GetEndpoint() is not null ? asked.Name : Current;
}
