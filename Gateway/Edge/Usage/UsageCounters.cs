using System.Collections.Concurrent;

namespace TalentSphere.Gateway.Edge.Usage;

/// <summary>Whose requests are counted together.</summary>
/// <param name="Day">Days since 0001-01-01, UTC.</param>
/// <param name="User">The account; all zeros: not signed in.</param>
/// <param name="Route">The route.</param>
internal readonly record struct UsageKey(int Day, Guid User, string Route);

/// <summary>What was counted.</summary>
internal record struct UsageTotals(long Requests, long ClientErrors, long ServerErrors, double DurationMs, double MaxDurationMs)
{
    public void Add(in UsageTotals more)
    {
        Requests += more.Requests;
        ClientErrors += more.ClientErrors;
        ServerErrors += more.ServerErrors;
        DurationMs += more.DurationMs;
        MaxDurationMs = Math.Max(MaxDurationMs, more.MaxDurationMs);
    }
}

/// <summary>
/// Counts in memory what is not written yet. A count is a look-up and an uncontended lock; it allocates once for each key between two writings.
/// </summary>
/// <param name="capacity">The most keys; beyond them what has no counter yet is not counted.</param>
internal sealed class UsageCounters(int capacity)
{
    private readonly ConcurrentDictionary<UsageKey, Counter> _counters = new();
    private int _keys;

    /// <summary>How many keys there are.</summary>
    public int Count => Volatile.Read(ref _keys);

    /// <summary>Counts; false: there is no room for another key.</summary>
    public bool TryAdd(in UsageKey key, in UsageTotals totals)
    {
        while (true)
        {
            if (!_counters.TryGetValue(key, out var counter))
            {
                if (Interlocked.Increment(ref _keys) > capacity)
                {
                    Interlocked.Decrement(ref _keys);
                    return false;
                }
                counter = new();
                if (!_counters.TryAdd(key, counter))
                {
                    Interlocked.Decrement(ref _keys);
                    continue;
                }
            }
            // One that was just taken away is not in the dictionary any more: the next turn makes another.
            if (counter.TryAdd(totals))
                return true;
        }
    }

    /// <summary>Takes everything that was counted; what comes from now on is counted anew.</summary>
    public List<(UsageKey Key, UsageTotals Totals)> Take()
    {
        var taken = new List<(UsageKey, UsageTotals)>();
        foreach (var (key, _) in _counters)
        {
            if (Remove(key) is { } totals)
                taken.Add((key, totals));
        }
        return taken;
    }

    /// <summary>Forgets what was counted for an account.</summary>
    public void Forget(Guid user)
    {
        foreach (var (key, _) in _counters)
        {
            if (key.User == user)
                Remove(key);
        }
    }

    private UsageTotals? Remove(in UsageKey key)
    {
        if (!_counters.TryRemove(key, out var counter))
            return null;
        Interlocked.Decrement(ref _keys);
        return counter.Close();
    }

    private sealed class Counter
    {
        private readonly Lock _lock = new();
        private UsageTotals _totals;
        private bool _closed;

        public bool TryAdd(in UsageTotals totals)
        {
            lock (_lock)
            {
                if (_closed)
                    return false;
                _totals.Add(totals);
                return true;
            }
        }

        public UsageTotals Close()
        {
            lock (_lock)
            {
                _closed = true;
                return _totals;
            }
        }
    }
}
