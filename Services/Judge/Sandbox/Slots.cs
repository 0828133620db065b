using System.Collections.Concurrent;

namespace TalentSphere.Judge.Sandbox;

/// <summary>The slots of this worker and what their boxes are made of.</summary>
internal sealed class Slots : IDisposable
{
    private readonly ConcurrentBag<Slot> _free = [];
    private readonly List<Slot> _all = [];
    private readonly BoxMachine _machine;
    private readonly CgroupTree? _groups;
    private readonly SealedFile _filter;
    private readonly Func<BoxPlan, BoxPlan> _change;

    /// <summary>Opens them.</summary>
    /// <param name="machine">What boxes are made of.</param>
    /// <param name="groups">The control groups; null where none can be made, and then there is one slot only.</param>
    /// <param name="count">How many.</param>
    /// <param name="firstUser">The first of the user ids that slots may have.</param>
    /// <param name="change">What the probe's own tests take away from boxes, to see it notice; nothing else may change a plan.</param>
    public Slots(BoxMachine machine, CgroupTree? groups, int count, int firstUser, Func<BoxPlan, BoxPlan>? change = null)
    {
        Native.AdoptOrphans();
        _machine = machine;
        _groups = groups;
        _filter = new(SeccompFilter.Assemble(withoutMemoryLimit: groups is null));
        _change = change ?? (plan => plan);
        Users = Enumerable.Range(firstUser, 256).ToHashSet();
        Count = groups is null ? 1 : count;
        for (var i = 0; i < Count; i++)
        {
            var slot = Slot.Open(machine.Privileged ? Users : null, Run);
            _all.Add(slot);
            _free.Add(slot);
        }
    }

    /// <summary>How many there are.</summary>
    public int Count { get; }

    /// <summary>The user ids that slots may have.</summary>
    public IReadOnlySet<int> Users { get; }

    /// <summary>Those of them that this worker's slots have.</summary>
    public IEnumerable<int> OwnUsers => _all.Select(s => s.User).OfType<int>();

    /// <summary>Groups of boxes that are there at the moment, by their directories.</summary>
    public IEnumerable<string> OpenGroups => (_groups?.Directories ?? []).Where(Directory.Exists).SelectMany(Directory.EnumerateDirectories);

    /// <summary>True when control groups limit memory and processes.</summary>
    public bool HasGroups => _groups is not null;

    /// <summary>A slot, to be given back by disposing; null when all are busy.</summary>
    public Lease? TryTake() => _free.TryTake(out var slot) ? new(this, slot) : null;

    public void Dispose()
    {
        foreach (var slot in _all)
            slot.Dispose();
        _filter.Dispose();
        _groups?.Dispose();
    }

    private BoxOutcome Run(BoxSpec spec, int? user, int cancelled)
    {
        BoxGroup group = _groups is null ? new ProcessTree() : _groups.CreateLeaf(spec.Limits);
        return Box.Run(_machine, _change(BoxPlan.For(_machine, spec, group, _filter, user)), spec, group, cancelled);
    }

    /// <summary>One slot for as long as it is needed.</summary>
    public sealed class Lease(Slots owner, Slot slot) : IDisposable
    {
        private Slot? _slot = slot;

        /// <inheritdoc cref="Slot.RunAsync"/>
        public Task<BoxOutcome> RunAsync(BoxSpec spec, CancellationToken cancellationToken) =>
            (_slot ?? throw new ObjectDisposedException(nameof(Lease))).RunAsync(spec, cancellationToken);

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _slot, null) is { } given)
                owner._free.Add(given);
        }
    }
}
