using StackExchange.Redis;

namespace TalentSphere.Gateway.Edge.Limits;

/// <summary>So many in a window that opens with the first request. Beyond them nothing passes before it ends.</summary>
internal sealed class WindowQuota(LimitPolicy policy, string key, string instance) : Quota(policy, key, instance)
{
    private long _epoch;
    private double _ends = double.NegativeInfinity;
    private double _emptyUntil = double.NegativeInfinity;
    private long _free;
    private int _absence = -1;
    private long _localLeft;
    private bool _isTold = true;

    protected override QuotaScript Script => QuotaScripts.Window;

    // The script gives a quarter of what is left.
    protected override bool IsWorthLeasing => _free >= 4;

    protected override Verdict Granted(double now) => Verdict.Allow(_free + Left, _ends - now);

    protected override Verdict GrantedLate(int ordinal, int count, double now) => Granted(now);

    protected override bool IsExhausted(double now, out Verdict refused)
    {
        refused = Verdict.Refuse(_ends - now, _ends - now);
        return now < _emptyUntil;
    }

    protected override Verdict TakeLocally(double now)
    {
        if (now >= _ends)
        {
            _ends = now + Policy.WindowMs;
            _epoch = Store.ServerTime(now) + (long)Policy.WindowMs;
            _free = Policy.Limit;
            Spent = 0;
            (_absence, _isTold) = (-1, true);
        }
        if (_absence != Store.Absence && _isTold)
        {
            // What was left when Redis was last heard of is divided; what this replica spent before is in that already. Until Redis was told what was spent alone, another
            // absence gives no new share.
            _localLeft = (_free + Policy.Replicas - 1) / Policy.Replicas;
            _isTold = false;
        }
        _absence = Store.Absence;
        if (_localLeft == 0)
            return Verdict.Refuse(_ends - now, _ends - now, isLocal: true);
        _localLeft--;
        _free--;
        Spent++;
        return Verdict.Allow(_localLeft, _ends - now, isLocal: true);
    }

    protected override bool HasToReport(double now) => Spent > 0 && now < _ends;

    protected override RedisValue[] Arguments(in QuotaRequest request) =>
        [Policy.Limit, (long)Policy.WindowMs, Instance, _epoch, request.Spent, request.Hold, request.Waiting, request.Ahead, (long)Policy.LeaseLife];

    protected override QuotaGrant Apply(in QuotaRequest request, long[] reply)
    {
        var (epoch, msLeft, permits, free, wasCounted, othersMs) = (reply[0], reply[1], reply[2], reply[3], reply[4] == 1, reply[5]);
        if (!wasCounted)
        {
            // That was in a window that is over.
            Spent -= request.Spent;
            Left = 0;
        }
        (_epoch, _ends, _free) = (epoch, request.SentAt + msLeft, free);
        _isTold = true;
        _emptyUntil = permits < request.Waiting && othersMs == 0 ? _ends : double.NegativeInfinity;
        return new(permits, 0, othersMs);
    }

    protected override void GiveUp(double now) => _emptyUntil = now + Policy.LeaseLife;

    protected override double LeaseEnd(double wanted) => Math.Min(wanted, _ends);
}
