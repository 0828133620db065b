using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;

namespace TalentSphere.Gateway.Edge.Limits;

/// <summary>A limit as it is enforced: what its options say, computed once, and the quotas of its callers.</summary>
internal sealed class LimitPolicy
{
    /// <summary>How long a lease may be spent from that others could miss, in milliseconds.</summary>
    public const double ShortLease = 250;

    // What idle leases of all replicas together may keep from the others: half of the 2 % that a limit may be off.
    private const double _spareShare = 0.01;
    private const double _longLease = 2000;

    private long _allowed;
    private long _delayed;
    private long _refused;

    public LimitPolicy(string name, LimitPolicyOptions options, LimitOptions limits, QuotaStore store)
    {
        var factor = limits.Profile == LimitProfile.Load ? limits.LoadFactor : 1;
        (Name, Store) = (name, store);
        By = options.By;
        IsBucket = options.Burst is not null;
        Limit = (options.Burst ?? options.Permits) * (long)factor;
        RatePerMs = options.Permits * (double)factor / options.Window.TotalMilliseconds;
        WindowMs = IsBucket ? Limit / RatePerMs : options.Window.TotalMilliseconds;
        Debt = IsBucket ? Limit / 2 : 0;
        var quota = Limit.ToString(CultureInfo.InvariantCulture);
        LimitHeader = quota;
        PolicyHeader = $"\"{name}\";q={quota};w={Math.Max(1, (long)Math.Ceiling(WindowMs / 1000)).ToString(CultureInfo.InvariantCulture)}";
        ItemPrefix = $"\"{name}\";r=";
        Quotas = new(limits.RememberedCallers, Open);
    }

    public string Name { get; }

    public LimitBy By { get; }

    /// <summary>A token bucket; otherwise a window.</summary>
    public bool IsBucket { get; }

    /// <summary>The most that may pass at once: a window's permits, a bucket's size.</summary>
    public long Limit { get; }

    /// <summary>The window, or the time in which an empty bucket fills.</summary>
    public double WindowMs { get; }

    /// <summary>Of a bucket: how fast it fills.</summary>
    public double RatePerMs { get; }

    /// <summary>Of a bucket: how many requests beyond its tokens wait for theirs.</summary>
    public long Debt { get; }

    public int Replicas => Store.Replicas;

    /// <summary>What one replica grants while Redis is away.</summary>
    public long Share => Math.Max(1, Limit / Replicas);

    /// <summary>A lease of this size may lie idle without hurting the others; 0 for limits too small for that.</summary>
    public long Spare => (long)(Limit * _spareShare / Replicas);

    /// <summary>How long a lease may be spent from at most, in milliseconds.</summary>
    public double LeaseLife => Spare > 0 ? _longLease : ShortLease;

    /// <summary>The policy's item in <c>RateLimit-Policy</c>.</summary>
    public string PolicyHeader { get; }

    /// <summary>The beginning of its item in <c>RateLimit</c>.</summary>
    public string ItemPrefix { get; }

    /// <summary><c>X-RateLimit-Limit</c></summary>
    public string LimitHeader { get; }

    public QuotaStore Store { get; }

    public QuotaTable Quotas { get; }

    public long Allowed => Volatile.Read(ref _allowed);

    public long Delayed => Volatile.Read(ref _delayed);

    public long Refused => Volatile.Read(ref _refused);

    public void Count(in Verdict verdict)
    {
        if (!verdict.IsAllowed)
            Interlocked.Increment(ref _refused);
        else if (verdict.DelayMs > 0)
            Interlocked.Increment(ref _delayed);
        else
            Interlocked.Increment(ref _allowed);
    }

    private Quota Open(UInt128 id)
    {
        // Addresses and accounts are personal: Redis learns their digest.
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, id);
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes, digest);
        var key = $"gateway:limit:{Name}:{Convert.ToHexStringLower(digest[..16])}";
        var instance = $"{Store.Replica}{Store.NextInstance():x}";
        return IsBucket ? new BucketQuota(this, key, instance) : new WindowQuota(this, key, instance);
    }
}
