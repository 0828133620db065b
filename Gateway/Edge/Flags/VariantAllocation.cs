namespace TalentSphere.Gateway.Edge.Flags;

/// <summary>
/// Shares the buckets out among variants. One that keeps its weight keeps its buckets, one that grows takes more from those that are nobody's (the control group)
/// and one that shrinks gives some back. Who is given back is moved to another variant only when the control group has nobody left.
/// </summary>
internal static class VariantAllocation
{
    private const int _nobody = -1;

    /// <summary>Allots the buckets anew.</summary>
    /// <param name="wanted">The variants as they shall be; the weights add up to 100 at most.</param>
    /// <param name="held">The variants as they were.</param>
    public static IReadOnlyList<FlagVariant> Allocate(IReadOnlyList<FlagVariant> wanted, IReadOnlyList<FlagVariant> held)
    {
        var owners = new int[Buckets.Count];
        Array.Fill(owners, _nobody);
        var missing = new int[wanted.Count];
        for (var i = 0; i < wanted.Count; i++)
        {
            missing[i] = Buckets.InPercent(wanted[i].Weight);
            var before = held.FirstOrDefault(h => h.Name == wanted[i].Name)?.Buckets ?? [];
            foreach (var bucket in before.SelectMany(r => Enumerable.Range(r.From, r.To - r.From)).Take(missing[i]))
                owners[bucket] = i;
            missing[i] -= owners.Count(o => o == i);
        }
        var given = held.SelectMany(h => h.Buckets).SelectMany(r => Enumerable.Range(r.From, r.To - r.From)).ToHashSet();
        var free = new Queue<int>(Enumerable.Range(0, owners.Length).Where(b => owners[b] == _nobody).OrderBy(given.Contains));
        for (var i = 0; i < wanted.Count; i++)
        {
            for (; missing[i] > 0; missing[i]--)
                owners[free.Dequeue()] = i;
        }
        return [.. wanted.Select((variant, i) => variant with { Buckets = RangesOf(owners, i) })];
    }

    private static List<BucketRange> RangesOf(int[] owners, int owner)
    {
        var ranges = new List<BucketRange>();
        for (var from = Array.IndexOf(owners, owner); from >= 0;)
        {
            var to = from + 1;
            while (to < owners.Length && owners[to] == owner)
                to++;
            ranges.Add(new(from, to));
            from = to < owners.Length ? Array.IndexOf(owners, owner, to) : -1;
        }
        return ranges;
    }
}
