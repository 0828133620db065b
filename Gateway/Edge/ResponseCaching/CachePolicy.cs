using System.Collections.Immutable;
using Yarp.ReverseProxy.Configuration;

namespace TalentSphere.Gateway.Edge.ResponseCaching;

/// <summary>
/// What a route says of the cache, parsed once from its metadata and put on its endpoints. A route that says nothing is not cached.
/// <list type="bullet">
/// <item><c>Cache.Tags</c>: the tags of its answers, separated by commas.</item>
/// <item><c>Cache.PurgeOn</c>: events that purge them, as binding keys (<c>lms.course.*</c>).</item>
/// <item><c>Cache.Unaffected</c>: the last segments of paths whose writes change nothing that is public (<c>enroll</c>); every other write purges the tags.</item>
/// </list>
/// </summary>
internal sealed class CachePolicy
{
    private readonly ImmutableArray<string> _unaffected;

    private CachePolicy(ImmutableArray<CacheTag> tags, ImmutableArray<string> unaffected) => (Tags, _unaffected) = (tags, unaffected);

    public ImmutableArray<CacheTag> Tags { get; }

    public static CachePolicy? Read(RouteConfig route, CacheTags known)
    {
        var tags = List(route, "Cache.Tags");
        if (tags.IsEmpty)
            return null;
        var policy = new CachePolicy([.. tags.Select(known.Of)], List(route, "Cache.Unaffected"));
        foreach (var pattern in List(route, "Cache.PurgeOn"))
        {
            foreach (var tag in policy.Tags)
                known.Watch(new(pattern), tag);
        }
        return policy;
    }

    /// <summary>Whether a write to this path may change an answer.</summary>
    public bool IsAffectedBy(string path)
    {
        var end = path.AsSpan().TrimEnd('/');
        var last = end[(end.LastIndexOf('/') + 1)..];
        foreach (var segment in _unaffected)
        {
            if (last.Equals(segment, StringComparison.OrdinalIgnoreCase))
                return false;
        }
        return true;
    }

    private static ImmutableArray<string> List(RouteConfig route, string key) => route.Metadata?.GetValueOrDefault(key) is { } value
        ? [.. value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)] : [];
}
