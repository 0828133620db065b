using System.Collections.Concurrent;

namespace TalentSphere.Gateway.Edge.Limits;

/// <summary>
/// The quotas of one policy's callers, in two generations: when the young one is full it becomes the old one, and who is not asked for again before the next
/// turn is forgotten. A flood of callers costs turns, never more memory than twice the capacity.
/// </summary>
/// <param name="capacity">The size of a generation.</param>
/// <param name="open">Makes the quota of a caller who is not known.</param>
internal sealed class QuotaTable(int capacity, Func<UInt128, Quota> open)
{
    private readonly Lock _turning = new();
    private volatile ConcurrentDictionary<UInt128, Quota> _young = new();
    private volatile ConcurrentDictionary<UInt128, Quota> _old = new();
    private int _youngCount;

    public int Count => _young.Count + _old.Count;

    public Quota Find(UInt128 caller) => _young.TryGetValue(caller, out var quota) ? quota : Admit(caller);

    /// <summary>All that is remembered; a quota may come twice.</summary>
    public IEnumerable<Quota> All()
    {
        foreach (var (_, quota) in _young)
            yield return quota;
        foreach (var (_, quota) in _old)
            yield return quota;
    }

    private Quota Admit(UInt128 caller)
    {
        lock (_turning)
        {
            if (_young.TryGetValue(caller, out var known))
                return known;
            var quota = _old.TryGetValue(caller, out var older) ? older : open(caller);
            if (_youngCount == capacity)
            {
                _old = _young;
                _young = new();
                _youngCount = 0;
            }
            _young[caller] = quota;
            _youngCount++;
            return quota;
        }
    }
}
