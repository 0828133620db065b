using System.Globalization;
using StackExchange.Redis;

namespace TalentSphere.Gateway.Edge.Limits;

/// <summary>
/// A token bucket. A request that comes when it is empty takes the token that will be there next and waits for it, up to half a bucket of such; beyond that nothing
/// passes.
/// </summary>
internal sealed class BucketQuota(LimitPolicy policy, string key, string instance) : Quota(policy, key, instance)
{
    private double _level = policy.Limit;
    private double _levelAt = double.NegativeInfinity;
    private int _absence = -1;
    private bool _rejoins;
    private double _localLevel;
    private double _localAt;

    protected override QuotaScript Script => QuotaScripts.Bucket;

    protected override bool IsWorthLeasing => _level >= 4;

    private double LocalSize => Policy.Share;

    private double LocalRate => Policy.RatePerMs / Policy.Replicas;

    protected override Verdict Granted(double now)
    {
        var level = Level(now);
        return Verdict.Allow((long)Math.Max(0, level) + Left, Fill(level));
    }

    // The last of them has its token when the level, which is below zero by as many, is at zero again.
    protected override Verdict GrantedLate(int ordinal, int count, double now)
    {
        var level = Level(now);
        return Verdict.Allow(0, Fill(level), delayMs: (ordinal - count - level) / Policy.RatePerMs);
    }

    protected override bool IsExhausted(double now, out Verdict refused)
    {
        var level = Level(now);
        refused = Verdict.Refuse(Fill(level), (1 - level) / Policy.RatePerMs);
        return level + Policy.Debt < 1;
    }

    protected override Verdict TakeLocally(double now)
    {
        if (_absence != Store.Absence && !_rejoins)
        {
            // Until Redis was told what was spent alone, another absence gives no new share.
            _localLevel = Math.Min(LocalSize, Level(now) / Policy.Replicas);
            _localAt = now;
            _rejoins = true;
        }
        _absence = Store.Absence;
        _localLevel = LocalLevel(now);
        _localAt = now;
        var reset = (LocalSize - _localLevel) / LocalRate;
        if (_localLevel - 1 < -(Policy.Debt / (double)Policy.Replicas))
            return Verdict.Refuse(reset, (1 - _localLevel) / LocalRate, isLocal: true);
        _localLevel--;
        return Verdict.Allow((long)Math.Max(0, _localLevel), reset, isLocal: true, delayMs: -_localLevel / LocalRate);
    }

    protected override bool HasToReport(double now) => false;

    protected override RedisValue[] Arguments(in QuotaRequest request) =>
    [
        Policy.RatePerMs.ToString("R", CultureInfo.InvariantCulture), Policy.Limit, Policy.Debt, Instance, _rejoins ? 1 : 0,
        (LocalLevel(request.SentAt) * Policy.Replicas).ToString("R", CultureInfo.InvariantCulture),
        request.Spent, request.Hold, request.Waiting, request.Ahead, (long)Policy.LeaseLife,
    ];

    protected override QuotaGrant Apply(in QuotaRequest request, long[] reply)
    {
        (_level, _levelAt) = (reply[2] / 1000.0, request.SentAt);
        _rejoins = false;
        return new(reply[0], (int)reply[1], 0);
    }

    protected override void GiveUp(double now)
    {
        // What others give back only raises the level: there is nothing to wait for.
    }

    private double LocalLevel(double now) => Math.Min(LocalSize, _localLevel + ((now - _localAt) * LocalRate));

    private double Level(double now) => Math.Min(Policy.Limit, _level + ((now - _levelAt) * Policy.RatePerMs));

    private double Fill(double level) => (Policy.Limit - level) / Policy.RatePerMs;
}
