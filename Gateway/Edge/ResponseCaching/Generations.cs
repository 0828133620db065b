using System.Collections.Immutable;

namespace TalentSphere.Gateway.Edge.ResponseCaching;

/// <summary>The generations of some tags at one moment.</summary>
internal readonly struct Generations
{
    private readonly ImmutableArray<CacheTag> _tags;
    private readonly CacheTag _everything;
    private readonly long _ofEverything;
    private readonly long _sum;

    public Generations(CacheTags tags, CachePolicy policy)
    {
        (_tags, _everything, _ofEverything) = (policy.Tags, tags.Everything, tags.Everything.Generation);
        _sum = Sum(_tags);
    }

    /// <summary>Nothing was purged since.</summary>
    public bool AreCurrent => _everything.Generation == _ofEverything && Sum(_tags) == _sum;

    // Generations only grow: the sum is the same when each is.
    private static long Sum(ImmutableArray<CacheTag> tags)
    {
        long sum = 0;
        foreach (var tag in tags)
            sum += tag.Generation;
        return sum;
    }
}
