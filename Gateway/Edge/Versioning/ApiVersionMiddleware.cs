using System.Collections.Frozen;
using Microsoft.Extensions.Options;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Gateway.Edge.Versioning;

/// <summary>
/// Finds the version that a request asks for: in the path (<c>/api/v1/x</c>), in <c>Accept-Version</c> or in <c>?version=</c>;
/// <c>/api/x</c> is the current version. One that does not exist, or two that differ, is 400.
/// </summary>
internal sealed class ApiVersionMiddleware(RequestDelegate next, IOptions<VersionOptions> options)
{
    private const string _api = "/api";
    private const string _header = "Accept-Version";
    private const string _query = "version";

    /// <summary>What lives directly under <c>/api</c> and has no version.</summary>
    private static readonly string[] _unversioned = ["/api/openapi.json", ApiDocs.Path, "/api/health"];

    private readonly FrozenSet<string> _known = options.Value.Names;
    private readonly string _problem = $"This API speaks {options.Value.Known}; a request asks for one of them.";

    public Task InvokeAsync(HttpContext context)
    {
        var request = context.Request;
        if (!request.Path.StartsWithSegments(_api, out var rest) || IsUnversioned(request.Path))
            return next(context);
        var inPath = VersionIn(rest.Value);
        var asked = inPath is null ? null : Known(inPath);
        if (inPath is not null && asked is null)
            return UnsupportedAsync(context);
        if (!Agrees(request.Headers[_header], ref asked) || (MayHoldVersion(request.QueryString) && !Agrees(request.Query[_query], ref asked)))
            return UnsupportedAsync(context);
        asked ??= ApiVersions.Current;
        if (asked != ApiVersions.Current)
            context.Features.Set(new AskedVersion(asked));
        if (inPath is null && rest.Value is { Length: > 1 })
            request.Path = $"{_api}/{asked}{rest.Value}";
        return next(context);
    }

    private static bool IsUnversioned(PathString path)
    {
        foreach (var prefix in _unversioned)
        {
            if (path.StartsWithSegments(prefix))
                return true;
        }
        return false;
    }

    /// <summary>Without parsing it: most queries hold nothing of the kind.</summary>
    private static bool MayHoldVersion(QueryString query) =>
        query.Value is { Length: > 1 } text && (text.Contains(_query, StringComparison.OrdinalIgnoreCase) || text.Contains('%'));

    /// <summary>The first segment if it is a version: <c>v</c> and digits.</summary>
    private static string? VersionIn(string? rest)
    {
        if (rest is not ['/', 'v' or 'V', >= '0' and <= '9', ..])
            return null;
        var end = rest.IndexOf('/', 1);
        var segment = end < 0 ? rest[1..] : rest[1..end];
        return segment.AsSpan(1).ContainsAnyExceptInRange('0', '9') ? null : segment;
    }

    private bool Agrees(string? value, ref string? asked)
    {
        if (string.IsNullOrEmpty(value))
            return true;
        var known = Known(value);
        var agrees = known is not null && (asked is null || asked == known);
        asked ??= known;
        return agrees;
    }

    /// <summary><c>v1</c> for <c>v1</c>, <c>V1</c> and <c>1</c>; null for what does not exist.</summary>
    private string? Known(string version)
    {
        if (version == ApiVersions.Current)
            return ApiVersions.Current;
        var name = $"v{version.TrimStart('v', 'V')}";
        return _known.TryGetValue(name, out var known) ? known : null;
    }

    private Task UnsupportedAsync(HttpContext context) => Api.Problem(StatusCodes.Status400BadRequest, "VERSION_UNSUPPORTED", _problem).ExecuteAsync(context);
}
