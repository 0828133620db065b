using TalentSphere.ServiceDefaults.Auth;

namespace TalentSphere.Gateway.Edge.Routing;

/// <summary>
/// What a route's requests are kept together by, from its metadata <c>HashKey</c>: <c>user</c>, <c>header:name</c>, <c>query:name</c> or <c>route:name</c> (a value of its
/// path, the id of a room for one). Where that is missing, and by default, it is the user; for whoever is not signed in, the client's address.
/// </summary>
internal sealed class StickyKey
{
    public const string MetadataKey = "HashKey";

    private readonly Source _source;
    private readonly string _name;

    private StickyKey(Source source, string name) => (_source, _name) = (source, name);

    private enum Source
    {
        User,
        Header,
        Query,
        Route,
    }

    /// <summary>By the user.</summary>
    public static StickyKey User { get; } = new(Source.User, "");

    /// <exception cref="FormatException">It is none of the four.</exception>
    public static StickyKey Parse(string? text)
    {
        if (text is null or "user")
            return User;
        var colon = text.IndexOf(':');
        var name = text[(colon + 1)..];
        return (colon < 0 || name.Length == 0 ? "" : text[..colon]) switch
        {
            "header" => new(Source.Header, name),
            "query" => new(Source.Query, name),
            "route" => new(Source.Route, name),
            _ => throw new FormatException($"{MetadataKey} is user, header:name, query:name or route:name, and not '{text}'."),
        };
    }

    public string Of(HttpContext context)
    {
        var key = _source switch
        {
            Source.Header => context.Request.Headers[_name].ToString(),
            Source.Query => context.Request.Query[_name].ToString(),
            Source.Route => context.Request.RouteValues[_name]?.ToString(),
            _ => null,
        };
        return !string.IsNullOrEmpty(key) ? key : context.User.FindUserId()?.ToString() ?? context.Connection.RemoteIpAddress?.ToString() ?? "";
    }
}
