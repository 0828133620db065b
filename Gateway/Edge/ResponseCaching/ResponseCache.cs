using System.Collections.Concurrent;
using System.Collections.Immutable;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Options;

namespace TalentSphere.Gateway.Edge.ResponseCaching;

/// <summary>
/// Public answers, in this process, bounded by bytes. Entries that were purged are not looked for: they no longer count when they are found, and go when they are
/// too old or their room is needed.
/// </summary>
internal sealed class ResponseCache : IDisposable
{
    private const int _variants = 8;
    private const int _markSize = 256;

    private readonly ConcurrentDictionary<CacheKey, Flight> _flights = new();
    private readonly ResponseCacheOptions _options;
    private readonly CacheTags _tags;
    private readonly MemoryCache _entries;

    public ResponseCache(CacheTags tags, IOptions<ResponseCacheOptions> options)
    {
        (_tags, _options) = (tags, options.Value);
        _entries = new MemoryCache(new MemoryCacheOptions { SizeLimit = options.Value.Capacity });
    }

    /// <summary>The answer to this request, fresh or not.</summary>
    /// <param name="key">The address.</param>
    /// <param name="request">The request, for what answers vary by.</param>
    /// <param name="uncacheable">Answers from there were not public lately.</param>
    public CachedAnswer? Find(CacheKey key, HttpRequest request, out bool uncacheable)
    {
        uncacheable = false;
        switch (_entries.Get(key))
        {
            case ImmutableArray<CachedAnswer> variants:
                foreach (var answer in variants)
                {
                    if (answer.IsAlive && answer.IsFor(request))
                        return answer;
                }
                return null;
            case Uncacheable mark:
                uncacheable = mark.Generations.AreCurrent;
                return null;
            default:
                return null;
        }
    }

    public void Keep(CacheKey key, CachedAnswer answer, HttpRequest request)
    {
        var others = _entries.Get(key) is ImmutableArray<CachedAnswer> variants ? variants.Where(v => v.IsAlive && !v.IsFor(request)).Take(_variants - 1) : [];
        ImmutableArray<CachedAnswer> kept = [answer, .. others];
        Set(key, kept, key.Size + kept.Sum(k => k.Size), kept.Max(k => k.Lifetime));
    }

    public void Forget(CacheKey key) => _entries.Remove(key);

    /// <summary>Until its mark ends, requests there go upstream without waiting for each other.</summary>
    public void Mark(CacheKey key, Generations generations)
    {
        // What an answer varies by may be what it is not public for: the others are.
        if (_entries.Get(key) is not ImmutableArray<CachedAnswer> variants || !variants.Any(v => v.IsAlive))
            Set(key, new Uncacheable(generations), key.Size + _markSize, _options.UncacheableMemory);
    }

    /// <summary>Joins the request that is upstream for the same address, or becomes it.</summary>
    /// <param name="key">The address.</param>
    /// <param name="policy">The route's.</param>
    /// <param name="leads">True: the caller has to ask, and to land the flight however that ends.</param>
    public Flight Join(CacheKey key, CachePolicy policy, out bool leads)
    {
        while (true)
        {
            var flight = _flights.GetOrAdd(key, static (_, from) => new(new(from._tags, from.policy)), (_tags, policy));
            leads = flight.TryBoard();
            if (leads || flight.Generations.AreCurrent)
                return flight;
            // What it brings was read before a purge that this request knows of.
            _flights.TryRemove(KeyValuePair.Create(key, flight));
        }
    }

    /// <summary>A flight that nobody joins.</summary>
    public Flight Alone(CachePolicy policy) => new(new(_tags, policy));

    public void Land(CacheKey key, Flight flight, Landing landing)
    {
        _flights.TryRemove(KeyValuePair.Create(key, flight));
        flight.Land(landing);
    }

    public void Dispose() => _entries.Dispose();

    private void Set(CacheKey key, object value, long size, TimeSpan lifetime)
    {
        using var entry = _entries.CreateEntry(key);
        entry.Size = size;
        entry.AbsoluteExpirationRelativeToNow = lifetime;
        entry.Value = value;
    }

    private sealed record Uncacheable(Generations Generations);
}

/// <summary>How a flight ended.</summary>
/// <param name="Answer">What can be shared; null: nothing.</param>
/// <param name="IsFailed">The upstream failed; otherwise its answer was not public.</param>
internal sealed record Landing(CachedAnswer? Answer, bool IsFailed = false)
{
    public static Landing Failed { get; } = new(null, IsFailed: true);

    public static Landing Uncacheable { get; } = new((CachedAnswer?)null);
}

/// <summary>One request upstream, and all that wait for it.</summary>
internal sealed class Flight(Generations generations)
{
    private readonly TaskCompletionSource<Landing> _landed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _boarded;

    public Generations Generations => generations;

    public Task<Landing> Landed => _landed.Task;

    /// <summary>True for the first.</summary>
    public bool TryBoard() => Interlocked.Exchange(ref _boarded, 1) == 0;

    public void Land(Landing landing) => _landed.TrySetResult(landing);
}
