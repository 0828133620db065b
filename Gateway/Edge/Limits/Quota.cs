using StackExchange.Redis;

namespace TalentSphere.Gateway.Edge.Limits;

/// <summary>
/// One caller's quota under one policy, as this replica sees it. Redis holds the account that all replicas share; this one leases permits from it in advance, as
/// many as it will probably need in the next tenth of a second and never more than a quarter of what is left, spends them without asking, asks again in the
/// background before they run out, and gives back what it did not need. A lease is told to Redis as "spent so far, and what I may spend beyond it": saying
/// the same twice changes nothing, and what was lost on the way is put right by the next time. See docs/adr/0019.
/// </summary>
internal abstract class Quota(LimitPolicy policy, string key, string instance)
{
    // In milliseconds: how far ahead permits are leased, and the pauses between looks at what others give back.
    private const double _horizon = 100;
    private const double _shortestPause = 5;
    private const double _longestPause = 25;

    private readonly RedisKey[] _keys = [key];
    private Queue<Waiter>? _waiters;
    private bool _asking;
    private bool _enlisted;
    private long _lowMark;
    private double _renewAt;
    private double _askedAt = double.NegativeInfinity;
    private long _spentWhenAsked;
    private double _deniedSince = double.NaN;

    protected LimitPolicy Policy { get; } = policy;

    protected QuotaStore Store { get; } = policy.Store;

    /// <summary>This object's name in the account.</summary>
    protected string Instance { get; } = instance;

    protected Lock Gate { get; } = new();

    /// <summary>What was spent on this account since it was opened.</summary>
    protected long Spent { get; set; }

    /// <summary>What is left of the lease.</summary>
    protected long Left { get; set; }

    /// <summary>When it may not be spent from any more.</summary>
    protected double LeaseEnds { get; set; } = double.NegativeInfinity;

    protected abstract QuotaScript Script { get; }

    /// <summary>A permit for one request: at once when this replica has one, else as soon as Redis has answered, or did not.</summary>
    public ValueTask<Verdict> TakeAsync()
    {
        Verdict verdict;
        Waiter? waiter = null;
        var ask = false;
        lock (Gate)
        {
            var now = Store.Now;
            if (Left > 0 && now < LeaseEnds)
            {
                Left--;
                Spent++;
                verdict = Granted(now);
                ask = !_asking && (Left <= _lowMark || now >= _renewAt) && !Store.IsAway && IsWorthLeasing;
            }
            else if (Store.IsAway)
            {
                verdict = TakeLocally(now);
            }
            else if (!IsExhausted(now, out verdict))
            {
                (_waiters ??= new()).Enqueue(waiter = new());
                ask = !_asking;
            }
            _asking |= ask;
        }
        if (ask)
            _ = AskAsync(ahead: true);
        return waiter is null ? new(verdict) : new(waiter.Task);
    }

    /// <summary>Gives back what is left of a lease that ended.</summary>
    /// <returns>True while there is a lease to look after.</returns>
    public bool KeepsLease()
    {
        lock (Gate)
        {
            // Being asked for at the moment: the answer may bring one.
            if (_asking || (Left > 0 && Store.Now < LeaseEnds))
                return true;
            _enlisted = false;
            if (Left == 0)
                return false;
            Left = 0;
            if (Store.IsAway)
                return false;
            _asking = true;
        }
        _ = AskAsync(ahead: false);
        return false;
    }

    /// <summary>Gives back what is left of the lease: this process ends.</summary>
    /// <returns>False while an answer is on its way that may bring more.</returns>
    public async Task<bool> TryGiveBackAsync()
    {
        lock (Gate)
        {
            if (Left == 0 || _asking || Store.IsAway)
                return !_asking;
            Left = 0;
            _asking = true;
        }
        await AskAsync(ahead: false);
        return true;
    }

    /// <summary>Tells Redis, which may have forgotten it, what was spent.</summary>
    public Task ReportAsync()
    {
        lock (Gate)
        {
            if (_asking || !HasToReport(Store.Now))
                return Task.CompletedTask;
            _asking = true;
        }
        return AskAsync(ahead: false);
    }

    /// <summary>What was just granted from the lease.</summary>
    protected abstract Verdict Granted(double now);

    /// <summary>Granted beyond the tokens: the <paramref name="ordinal"/>th of those waits for its own.</summary>
    protected abstract Verdict GrantedLate(int ordinal, int count, double now);

    /// <summary>True when it is known without asking that there is nothing.</summary>
    protected abstract bool IsExhausted(double now, out Verdict refused);

    /// <summary>A permit of this replica's own share.</summary>
    protected abstract Verdict TakeLocally(double now);

    /// <summary>False when so little is left that a lease would only keep it from others.</summary>
    protected abstract bool IsWorthLeasing { get; }

    protected abstract bool HasToReport(double now);

    protected abstract RedisValue[] Arguments(in QuotaRequest request);

    /// <summary>Takes in what Redis answered.</summary>
    protected abstract QuotaGrant Apply(in QuotaRequest request, long[] reply);

    /// <summary>What others have leased did not come back in time.</summary>
    protected abstract void GiveUp(double now);

    /// <summary>The latest moment at which a lease that should end at <paramref name="wanted"/> may be spent from.</summary>
    protected virtual double LeaseEnd(double wanted) => wanted;

    private async Task AskAsync(bool ahead)
    {
        while (true)
        {
            QuotaRequest request;
            RedisValue[] arguments;
            lock (Gate)
            {
                request = Prepare(ahead);
                arguments = Arguments(request);
            }
            var reply = await Store.AskAsync(Script, _keys, arguments);
            double pause;
            lock (Gate)
            {
                pause = reply is null ? AnswerLocally() : Settle(request, reply);
                _asking = pause >= 0;
            }
            if (pause < 0)
                return;
            if (pause > 0)
                await Task.Delay(TimeSpan.FromMilliseconds(pause), Store.Time);
            ahead = true;
        }
    }

    private QuotaRequest Prepare(bool ahead)
    {
        var now = Store.Now;
        if (now >= LeaseEnds)
            Left = 0;
        var waiting = _waiters?.Count ?? 0;
        var wanted = 0L;
        if (ahead)
        {
            var used = Spent - _spentWhenAsked + waiting;
            wanted = Math.Max(Policy.Spare, (long)(used * _horizon / Math.Max(now - _askedAt, 10))) - Left;
        }
        (_askedAt, _spentWhenAsked) = (now, Spent);
        return new(now, Spent, Left, waiting, Math.Max(0, wanted));
    }

    /// <returns>How long to wait before asking again; negative: not at all.</returns>
    private double Settle(in QuotaRequest request, long[] reply)
    {
        var grant = Apply(request, reply);
        var now = Store.Now;
        Left += grant.Permits;
        while (Left > 0 && _waiters?.TryDequeue(out var waiter) == true)
        {
            Left--;
            Spent++;
            Answer(waiter, Granted(now));
        }
        for (var i = 1; i <= grant.Late && _waiters?.TryDequeue(out var waiter) == true; i++)
        {
            Spent++;
            Answer(waiter, GrantedLate(i, grant.Late, now));
        }
        var life = Left > Policy.Spare ? LimitPolicy.ShortLease : Policy.LeaseLife;
        LeaseEnds = LeaseEnd(request.SentAt + life);
        (_lowMark, _renewAt) = (Left / 2, request.SentAt + (life / 2));
        if (Left > 0 && !_enlisted)
        {
            _enlisted = true;
            Store.Enlist(this);
        }
        if (_waiters is not { Count: > 0 })
        {
            _deniedSince = double.NaN;
            return -1;
        }
        if (grant.OthersMs > 0)
            return AwaitOthers(grant.OthersMs, now);
        _deniedSince = double.NaN;
        return RefuseWhoMustBe(now);
    }

    /// <summary>Nothing is left but what others have leased, and may give back in a moment.</summary>
    private double AwaitOthers(double othersMs, double now)
    {
        if (double.IsNaN(_deniedSince))
            _deniedSince = now;
        if (now - _deniedSince > 2 * Policy.LeaseLife)
        {
            _deniedSince = double.NaN;
            GiveUp(now);
            return RefuseWhoMustBe(now);
        }
        for (var i = _waiters!.Count; i > 0; i--)
        {
            var waiter = _waiters.Dequeue();
            if (waiter.HoldsSlot || (waiter.HoldsSlot = Store.Delays.TryEnter()))
                _waiters.Enqueue(waiter);
            else
                Answer(waiter, Verdict.Refuse(othersMs, othersMs));
        }
        return _waiters.Count == 0 ? -1 : Math.Clamp(othersMs, _shortestPause, _longestPause);
    }

    private double RefuseWhoMustBe(double now)
    {
        if (!IsExhausted(now, out var refused))
            return 0;
        while (_waiters!.TryDequeue(out var waiter))
            Answer(waiter, refused);
        return -1;
    }

    private double AnswerLocally()
    {
        _deniedSince = double.NaN;
        var now = Store.Now;
        while (_waiters?.TryDequeue(out var waiter) == true)
            Answer(waiter, TakeLocally(now));
        return -1;
    }

    private void Answer(Waiter waiter, in Verdict verdict)
    {
        if (waiter.HoldsSlot)
            Store.Delays.Leave();
        waiter.SetResult(verdict);
    }

    private sealed class Waiter() : TaskCompletionSource<Verdict>(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public bool HoldsSlot { get; set; }
    }
}

/// <summary>What a replica tells Redis, and what it wants.</summary>
/// <param name="SentAt">When, on this replica's clock, in milliseconds.</param>
/// <param name="Spent">What it spent since it knows the account.</param>
/// <param name="Hold">What it keeps of its lease.</param>
/// <param name="Waiting">Requests that wait for a permit.</param>
/// <param name="Ahead">Permits that it would like to have in advance.</param>
internal readonly record struct QuotaRequest(double SentAt, long Spent, long Hold, int Waiting, long Ahead);

/// <summary>What it got.</summary>
/// <param name="Permits">Permits to be spent at once or in advance.</param>
/// <param name="Late">Permits beyond those whose time is still to come.</param>
/// <param name="OthersMs">Nothing is left, but others have leases, which end in so many milliseconds.</param>
internal readonly record struct QuotaGrant(long Permits, int Late, double OthersMs);
