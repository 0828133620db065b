using System.Collections.Concurrent;
using System.Collections.Immutable;

namespace TalentSphere.Gateway.Edge.ResponseCaching;

/// <summary>
/// What is purged together. A purge starts a new generation; an answer belongs to the generation in which its request went upstream, so that one which was read
/// before a purge and arrives after it is dead on arrival.
/// </summary>
internal sealed class CacheTag(string name)
{
    private long _generation;

    public string Name => name;

    public long Generation => Volatile.Read(ref _generation);

    public void Purge() => Interlocked.Increment(ref _generation);
}

/// <summary>The tags of all routes, and the events that purge them.</summary>
internal sealed class CacheTags
{
    private readonly ConcurrentDictionary<string, CacheTag> _tags = new();
    private ImmutableArray<(TopicPattern Pattern, CacheTag Tag)> _watched = [];

    /// <summary>On every answer.</summary>
    public CacheTag Everything { get; } = new("*");

    /// <summary>Called when there is something new to listen to.</summary>
    public Action? Watching { get; set; }

    public IEnumerable<TopicPattern> Patterns => _watched.Select(w => w.Pattern).Distinct();

    public CacheTag Of(string name) => _tags.GetOrAdd(name, static n => new(n));

    /// <summary>Purges <paramref name="tag"/> on every event whose routing key matches. Routes may change while the gateway runs; what was watched once stays so.</summary>
    public void Watch(TopicPattern pattern, CacheTag tag)
    {
        if (_watched.Contains((pattern, tag)))
            return;
        ImmutableInterlocked.Update(ref _watched, static (watched, added) => watched.Contains(added) ? watched : watched.Add(added), (pattern, tag));
        Watching?.Invoke();
    }

    /// <summary>An event happened.</summary>
    public void Heard(string routingKey)
    {
        var words = routingKey.Split('.');
        foreach (var (pattern, tag) in _watched)
        {
            if (pattern.Matches(words))
                tag.Purge();
        }
    }

    /// <returns>Null when nothing has that tag.</returns>
    public CacheTag? Find(string name) => name == Everything.Name ? Everything : _tags.GetValueOrDefault(name);
}
