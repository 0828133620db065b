using Microsoft.Extensions.Primitives;

namespace TalentSphere.Gateway.Edge.Requests;

/// <summary>
/// Removes the headers that <c>Connection</c> names (RFC 9110 §7.6.1), before anybody decides by them: a client that calls its token hop-by-hop is anonymous here
/// and behind alike. Those that say where a request comes from or how long it is are no client's to remove.
/// </summary>
/// <remarks>The server keeps of <c>Connection</c> only <c>close</c>, <c>keep-alive</c> or <c>upgrade</c> where one of these is among its options; what else it named stays, here and behind.</remarks>
internal sealed class HopByHopMiddleware(RequestDelegate next)
{
    public Task InvokeAsync(HttpContext context)
    {
        var connection = context.Request.Headers.Connection;
        if (connection.Count > 0 && !(connection.Count == 1 && IsUsual(connection[0])))
            Remove(context.Request.Headers, connection);
        return next(context);
    }

    private static bool IsUsual(ReadOnlySpan<char> option) =>
        option.Equals("keep-alive", StringComparison.OrdinalIgnoreCase) || option.Equals("close", StringComparison.OrdinalIgnoreCase)
        || option.Equals("upgrade", StringComparison.OrdinalIgnoreCase);

    private static void Remove(IHeaderDictionary headers, StringValues connection)
    {
        foreach (var value in connection)
        {
            foreach (var name in (value ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            {
                if (!IsUsual(name) && !IsFixed(name))
                    headers.Remove(name);
            }
        }
    }

    private static bool IsFixed(string name) =>
        name.StartsWith("x-forwarded-", StringComparison.OrdinalIgnoreCase) || name.StartsWith("content-", StringComparison.OrdinalIgnoreCase) || name.StartsWith(':')
        || name.Equals("host", StringComparison.OrdinalIgnoreCase) || name.Equals("transfer-encoding", StringComparison.OrdinalIgnoreCase)
        || name.Equals("connection", StringComparison.OrdinalIgnoreCase);
}
