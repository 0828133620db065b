using System.Collections.Concurrent;

namespace TalentSphere.Judge.Sandbox;

/// <summary>
/// The slots of this worker and what their boxes are made of. A slot runs one program after the other, in two lanes: while a program runs in the one, the next
/// box is armed in the other, and the one before is cleared away.
/// </summary>
internal sealed class Slots : IDisposable
{
    private readonly ConcurrentBag<IReadOnlyList<Lane>> _free = [];
    private readonly List<Lane> _lanes = [];
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
            // Where memory is not limited for a whole box, there is never more than one.
            List<Lane> slot = [.. Enumerable.Range(0, groups is null ? 1 : 2).Select(_ => Lane.Open(machine, machine.Privileged ? Users : null, Make))];
            _lanes.AddRange(slot);
            _free.Add(slot);
        }
    }

    /// <summary>How many there are.</summary>
    public int Count { get; }

    /// <summary>The user ids that slots may have.</summary>
    public IReadOnlySet<int> Users { get; }

    /// <summary>Those of them that this worker's slots have.</summary>
    public IEnumerable<int> OwnUsers => _lanes.Select(l => l.User).OfType<int>();

    /// <summary>Groups of boxes that are there at the moment, by their directories.</summary>
    public IEnumerable<string> OpenGroups => (_groups?.Directories ?? []).Where(Directory.Exists).SelectMany(Directory.EnumerateDirectories);

    /// <summary>True when control groups limit memory and processes.</summary>
    public bool HasGroups => _groups is not null;

    /// <summary>A slot, to be given back by disposing; null when all are busy.</summary>
    public Lease? TryTake() => _free.TryTake(out var slot) ? new(this, slot) : null;

    public void Dispose()
    {
        foreach (var lane in _lanes)
            lane.Dispose();
        _filter.Dispose();
        _groups?.Dispose();
    }

    private (Box Box, BoxPlan Plan) Make(BoxSpec spec, int? user)
    {
        BoxGroup group = _groups is null ? new ProcessTree() : _groups.CreateLeaf(spec.Limits);
        return (new(spec, group), _change(BoxPlan.For(_machine, spec, group, _filter, user)));
    }

    /// <summary>One slot for as long as it is needed; one program at a time.</summary>
    public sealed class Lease : IAsyncDisposable
    {
        private readonly Slots _owner;
        private IReadOnlyList<Lane>? _lanes;
        private Lane? _preparing;
        private BoxSpec? _prepared;

        internal Lease(Slots owner, IReadOnlyList<Lane> lanes) => (_owner, _lanes) = (owner, lanes);

        /// <summary>Runs a program in a box.</summary>
        /// <param name="spec">What runs.</param>
        /// <param name="next">What will run next, where that is known: its box is armed in the meantime.</param>
        /// <param name="cancellationToken">Ends it at once.</param>
        /// <exception cref="SandboxException">The sandbox failed, not the program.</exception>
        public Task<BoxOutcome> RunAsync(BoxSpec spec, BoxSpec? next, CancellationToken cancellationToken)
        {
            var lanes = _lanes ?? throw new ObjectDisposedException(nameof(Lease));
            var lane = ReferenceEquals(_prepared, spec) ? _preparing! : lanes.Where(l => l != _preparing).OrderBy(l => l.IsBusy).FirstOrDefault(lanes[0]);
            if (lane == _preparing)
                (_preparing, _prepared) = (null, null);
            var other = lanes.FirstOrDefault(l => l != lane);
            if (other is null || next is null || ReferenceEquals(next, _prepared))
                return lane.RunAsync(spec, () => { }, cancellationToken);
            (_preparing, _prepared) = (other, next);
            return lane.RunAsync(spec, () => other.Prepare(next), cancellationToken);
        }

        /// <summary>Gives the slot back, and waits until nothing is left of its boxes; who takes it in the meantime comes after that by itself.</summary>
        public async ValueTask DisposeAsync()
        {
            if (Interlocked.Exchange(ref _lanes, null) is not { } given)
                return;
            var cleared = Task.WhenAll(given.Select(l => l.ClearAsync()).ToList());
            _owner._free.Add(given);
            await cleared;
        }
    }
}
