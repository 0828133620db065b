using System.Security.Cryptography;
using System.Threading.Channels;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace TalentSphere.Gateway.Edge.Limits;

/// <summary>
/// The way to the accounts in Redis. The first answer that fails or does not come in time closes it: replicas then count alone, and no request waits for Redis. It is
/// opened again by <see cref="QuotaUpkeep"/>.
/// </summary>
internal sealed partial class QuotaStore(IQuotaScripting scripting, IOptions<LimitOptions> options, TimeProvider time, ILogger<QuotaStore> logger)
{
    private readonly Channel<Quota> _leases = Channel.CreateUnbounded<Quota>();
    private readonly double _msPerTick = 1000.0 / time.TimestampFrequency;
    private static readonly RedisKey[] _presence = ["gateway:limit-replicas"];

    // Longer than an absence that a replica survives; one that was killed counts until then.
    private static readonly TimeSpan _presenceLife = TimeSpan.FromSeconds(30);

    private volatile State _state = State.Away;
    private volatile int _seen;
    private double _rejoinedAt;
    private long _asks;
    private int _instances;

    private enum State
    {
        Away,
        Rejoining,
        Present,
    }

    /// <summary>This process among the replicas; another one after a restart.</summary>
    public string Replica { get; } = RandomNumberGenerator.GetHexString(8, lowercase: true) + "-";

    /// <summary>How many replicas there are, as far as is known.</summary>
    public int Replicas => Math.Max(Options.Replicas, _seen);

    /// <summary>A number for a quota that no other of this process has, also after its policy was changed: under its name what it spent is counted.</summary>
    public int NextInstance() => Interlocked.Increment(ref _instances);

    public TimeProvider Time { get; } = time;

    public LimitOptions Options { get; set; } = options.Value;

    /// <summary>Milliseconds on a clock that only runs forward.</summary>
    public double Now => Time.GetTimestamp() * _msPerTick;

    public bool IsAway => _state != State.Present;

    /// <summary>How often Redis went away so far.</summary>
    public int Absence { get; private set; }

    public long Asks => Volatile.Read(ref _asks);

    public DelaySlots Delays { get; } = new(options.Value.DelayedRequests);

    /// <summary>Quotas with a lease to be looked after.</summary>
    public ChannelReader<Quota> Leases => _leases.Reader;

    public void Enlist(Quota quota) => _leases.Writer.TryWrite(quota);

    /// <summary>The wall clock, for a window that is opened while Redis is away.</summary>
    public long ServerTime(double now) => Time.GetUtcNow().ToUnixTimeMilliseconds() + (long)(now - Now);

    /// <summary>Runs a script.</summary>
    /// <returns>Null when Redis is away.</returns>
    public async Task<long[]?> AskAsync(QuotaScript script, RedisKey[] keys, RedisValue[] arguments)
    {
        if (_state == State.Away)
            return null;
        Interlocked.Increment(ref _asks);
        try
        {
            return await scripting.RunAsync(script, keys, arguments).WaitAsync(Options.StoreTimeout, Time);
        }
        catch (Exception e)
        {
            // Whatever it is, requests are not to wait for the next one of its kind.
            Lose(e);
            return null;
        }
    }

    /// <summary>Asks whether Redis is there. From then on it is told things, and believed after <see cref="Trust"/>.</summary>
    public async Task<bool> TryRejoinAsync(TimeSpan patience)
    {
        try
        {
            await AnnounceAsync().WaitAsync(patience, Time);
            _rejoinedAt = Now;
            _state = State.Rejoining;
            return true;
        }
        catch (Exception e)
        {
            StillAway(logger, e.GetType().Name);
            return false;
        }
    }

    /// <summary>Finds out that Redis went away although nobody needed it: it may come back without its memory.</summary>
    public async Task WatchAsync()
    {
        try
        {
            await AnnounceAsync().WaitAsync(Options.StoreTimeout, Time);
        }
        catch (Exception e)
        {
            Lose(e);
        }
    }

    /// <summary>This replica ends, and is not to be counted any more.</summary>
    public async Task LeaveAsync()
    {
        if (IsAway)
            return;
        try
        {
            await scripting.RunAsync(QuotaScripts.Absence, _presence, [Replica]).WaitAsync(Options.StoreTimeout, Time);
        }
        catch (Exception e)
        {
            // It is forgotten after a while.
            Lose(e);
        }
    }

    /// <summary>From now on what Redis says counts.</summary>
    public void Trust()
    {
        if (_state != State.Rejoining)
            return;
        _state = State.Present;
        Back(logger);
    }

    /// <summary>Says that this replica is there, and hears how many are. It writes: a Redis that only answers questions is of no use here.</summary>
    private async Task AnnounceAsync()
    {
        var count = (int)(await scripting.RunAsync(QuotaScripts.Presence, _presence, [Replica, (long)_presenceLife.TotalMilliseconds]))[0];
        // A Redis that has just come back does not know all of them again yet.
        _seen = IsAway || Now - _rejoinedAt < _presenceLife.TotalMilliseconds ? Math.Max(_seen, count) : count;
    }

    private void Lose(Exception e)
    {
        lock (_leases)
        {
            if (_state == State.Away)
                return;
            Absence++;
            _state = State.Away;
        }
        Lost(logger, e.GetType().Name);
    }

    // Not what the exceptions say: they may quote the connection string.
    [LoggerMessage(Level = LogLevel.Warning, Message = "Redis does not answer for the limits ({Fault}): this replica grants its own share of them")]
    private static partial void Lost(ILogger logger, string fault);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Redis is still away ({Fault})")]
    private static partial void StillAway(ILogger logger, string fault);

    [LoggerMessage(Level = LogLevel.Information, Message = "Redis answers: limits are shared by all replicas")]
    private static partial void Back(ILogger logger);
}
