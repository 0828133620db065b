using System.Diagnostics.Metrics;

namespace TalentSphere.ServiceDefaults.Caching;

/// <summary>Counts what caches answered: <c>cache_hits_total</c> and <c>cache_misses_total</c>, by cache.</summary>
public static class CacheMetrics
{
    private static readonly Meter _meter = new("TalentSphere.Caching");
    private static readonly Counter<long> _hits = _meter.CreateCounter<long>("cache_hits_total");
    private static readonly Counter<long> _misses = _meter.CreateCounter<long>("cache_misses_total");

    /// <summary>The cache had it.</summary>
    /// <param name="cache">Which cache: one of few fixed names, never an id.</param>
    public static void Hit(string cache) => _hits.Add(1, new KeyValuePair<string, object?>("cache", cache));

    /// <summary>The cache did not have it, or was away.</summary>
    /// <param name="cache">Which cache: one of few fixed names, never an id.</param>
    public static void Miss(string cache) => _misses.Add(1, new KeyValuePair<string, object?>("cache", cache));
}
