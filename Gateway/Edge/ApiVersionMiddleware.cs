using System.Text.RegularExpressions;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Gateway.Edge;

/// <summary>
/// Finds the version that a request asks for: in the path (<c>/api/v1/x</c>), in <c>Accept-Version</c> or in <c>?version=</c>;
/// <c>/api/x</c> is the current version. One that does not exist is 400.
/// </summary>
internal sealed partial class ApiVersionMiddleware(RequestDelegate next)
{
    public const string Current = "v1";

    private const string _api = "/api";

    /// <summary>What lives directly under <c>/api</c> and has no version.</summary>
    private static readonly string[] _unversioned = ["/api/openapi.json", ApiDocs.Path, "/api/health"];

    public Task InvokeAsync(HttpContext context)
    {
        var request = context.Request;
        if (!request.Path.StartsWithSegments(_api, out var rest) || _unversioned.Any(p => request.Path.StartsWithSegments(p)))
            return next(context);
        var inPath = PathVersion().Match(rest.Value ?? "");
        string?[] asked = [inPath.Success ? inPath.Groups["version"].Value : null, request.Headers["Accept-Version"], request.Query["version"]];
        foreach (var version in asked)
        {
            if (!string.IsNullOrEmpty(version) && version.TrimStart('v', 'V') != Current[1..])
                return Api.Problem(StatusCodes.Status400BadRequest, "VERSION_UNSUPPORTED", $"This API speaks {Current} only.").ExecuteAsync(context);
        }
        if (!inPath.Success && rest.HasValue && rest.Value!.Length > 1)
            request.Path = $"{_api}/{Current}{rest.Value}";
        return next(context);
    }

    [GeneratedRegex("^/(?<version>[vV][0-9]+)(/|$)", RegexOptions.ExplicitCapture)]
    private static partial Regex PathVersion();
}
