using System.Buffers;
using Microsoft.AspNetCore.Http.Features;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Gateway.Edge.Requests;

/// <summary>
/// Lets a path pass only in the one form in which everybody reads it alike. What is decoded once here and once more behind would be another path there: encoded
/// slashes, dots and percent signs, backslashes, empty and dot segments, parameters of segments, control characters and what is no UTF-8 are 400. The methods that
/// open a tunnel or echo headers are 405.
/// </summary>
/// <remarks>
/// The server has decoded the path once and left alone what it would not decode: an encoded slash, a bad escape, bytes that are no UTF-8. A percent sign in the
/// decoded path therefore is one of these, or was encoded twice. YARP takes it for an escape and would send it as one.
/// </remarks>
internal sealed class RequestTargetMiddleware(RequestDelegate next)
{
    private const string _schemeEnd = "://";

    private static readonly SearchValues<char> _refused = SearchValues.Create(
        [.. "%\\;\ufffd\u007f", .. Enumerable.Range(0, 0x20).Select(c => (char)c), .. Enumerable.Range(0x80, 0x20).Select(c => (char)c)]);

    public Task InvokeAsync(HttpContext context)
    {
        var method = context.Request.Method;
        if (HttpMethods.IsTrace(method) || (HttpMethods.IsConnect(method) && context.Features.Get<IHttpExtendedConnectFeature>()?.IsExtendedConnect != true))
            return Api.Problem(StatusCodes.Status405MethodNotAllowed, "METHOD_NOT_ALLOWED", "This resource does not take that method.").ExecuteAsync(context);
        return IsCanonical(context.Request.Path.Value, context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget)
            ? next(context)
            : Api.Problem(StatusCodes.Status400BadRequest, "MALFORMED_PATH", "The path of the address is not in its plain form.").ExecuteAsync(context);
    }

    /// <summary>True for a path that means the same to every reader.</summary>
    /// <param name="path">As the server decoded it, dot segments removed.</param>
    /// <param name="target">As it stood in the request line.</param>
    internal static bool IsCanonical(ReadOnlySpan<char> path, ReadOnlySpan<char> target)
    {
        if (path.ContainsAny(_refused) || path.Contains("//", StringComparison.Ordinal))
            return false;
        // Nothing to decode and nothing removed: no need to look closer.
        return (target.StartsWith(path, StringComparison.Ordinal) && (target.Length == path.Length || target[path.Length] == '?')) || HasPlainSegments(target);
    }

    private static bool HasPlainSegments(ReadOnlySpan<char> target)
    {
        if (target.IndexOf('?') is >= 0 and var query)
            target = target[..query];
        // The absolute form (RFC 9112 §3.2.2): the server has compared its authority with the Host header.
        if (!target.StartsWith('/') && target.IndexOf(_schemeEnd, StringComparison.Ordinal) is >= 0 and var scheme)
        {
            target = target[(scheme + _schemeEnd.Length)..];
            target = target.IndexOf('/') is >= 0 and var root ? target[root..] : "/";
        }
        foreach (var range in target.Split('/'))
        {
            if (IsDots(target[range]))
                return false;
        }
        return !target.Contains("//", StringComparison.Ordinal);
    }

    /// <summary>One or two dots, each plain or encoded.</summary>
    private static bool IsDots(ReadOnlySpan<char> segment)
    {
        if (segment.Length is 0 or > 6)
            return false;
        var dots = 0;
        while (segment.Length > 0)
        {
            if (segment[0] == '.')
                segment = segment[1..];
            else if (segment.StartsWith("%2e", StringComparison.OrdinalIgnoreCase))
                segment = segment[3..];
            else
                return false;
            dots++;
        }
        return dots <= 2;
    }
}
