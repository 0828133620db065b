using System.ComponentModel.DataAnnotations;
using System.Text.RegularExpressions;

namespace TalentSphere.Gateway.Edge.Tenants;

/// <summary>The tenant that a request is for, as it was checked against the token. Whatever is kept of its answer is kept under the tenant too.</summary>
/// <param name="Id">Its name.</param>
internal sealed record TenantContext(string Id);

/// <summary>Tenants. Configuration section <c>Tenants</c>.</summary>
public sealed record TenantOptions
{
    /// <summary>The domain below which the first label is a tenant: <c>talentsphere.com</c> for <c>acme.talentsphere.com</c>. Null: names of hosts say nothing.</summary>
    [RegularExpression(@"^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$")]
    public string? BaseDomain { get; init; }

    /// <summary>Those that somebody who is not signed in may name.</summary>
    public IReadOnlyList<string> Known { get; init; } = [];
}

/// <summary>What a request's tenant comes to.</summary>
internal enum TenantVerdict
{
    /// <summary>It may go on, under the tenant if there is one.</summary>
    Accepted,

    /// <summary>No tenant can be called that.</summary>
    Malformed,

    /// <summary>Host and header name two.</summary>
    Contradictory,

    /// <summary>The account does not belong to it.</summary>
    Forbidden,

    /// <summary>There is none of that name.</summary>
    Unknown,
}

/// <summary>Finds a request's tenant. Pure.</summary>
internal static partial class TenantResolution
{
    /// <summary>The label that stands for the platform itself.</summary>
    private const string _platform = "www";

    /// <summary>Which tenant a request is for, or why for none.</summary>
    /// <param name="host">The host's name, without port.</param>
    /// <param name="header">The values of <c>X-Tenant-ID</c>.</param>
    /// <param name="signedIn">Whether there is a good token.</param>
    /// <param name="claim">The token's tenant; null: it has none.</param>
    /// <param name="options">The tenants.</param>
    public static (TenantVerdict Verdict, string? Tenant) Resolve(string host, Microsoft.Extensions.Primitives.StringValues header, bool signedIn, string? claim, TenantOptions options)
    {
        var byHost = LabelOf(host, options.BaseDomain);
        if (header.Count > 1 || (header.Count == 1 && !IsName(header[0])) || (byHost is not null && !IsName(byHost)))
            return (TenantVerdict.Malformed, null);
        var byHeader = header.Count == 1 ? header[0] : null;
        if (byHost is not null && byHeader is not null && byHost != byHeader)
            return (TenantVerdict.Contradictory, null);
        var named = byHost ?? byHeader;
        if (signedIn)
            return named is null || named == claim ? (TenantVerdict.Accepted, claim) : (TenantVerdict.Forbidden, null);
        return named is null || options.Known.Contains(named) ? (TenantVerdict.Accepted, named) : (TenantVerdict.Unknown, null);
    }

    private static string? LabelOf(string host, string? baseDomain)
    {
        if (baseDomain is null || host.Length <= baseDomain.Length + 1 || !host.EndsWith(baseDomain, StringComparison.OrdinalIgnoreCase) || host[^(baseDomain.Length + 1)] != '.')
            return null;
        var label = host[..^(baseDomain.Length + 1)].ToLowerInvariant();
        return label == _platform ? null : label;
    }

    private static bool IsName(string? text) => text is not null && Name().IsMatch(text);

    [GeneratedRegex(@"\A[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\z", RegexOptions.ExplicitCapture)]
    private static partial Regex Name();
}
