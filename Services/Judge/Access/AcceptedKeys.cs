using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;

namespace TalentSphere.Judge.Access;

/// <summary>
/// The key that is configured and, for a while after it was exchanged, the one before: callers and workers learn of a new one seconds or minutes apart.
/// </summary>
internal sealed class AcceptedKeys : IDisposable
{
    /// <summary>How long the key before is good. An orchestrator hands an exchanged secret to every process within some two minutes.</summary>
    public static readonly TimeSpan Overlap = TimeSpan.FromMinutes(5);

    private readonly TimeProvider _time;
    private readonly IDisposable? _watch;
    private volatile Keys _keys;

    public AcceptedKeys(IOptionsMonitor<JudgeOptions> options, TimeProvider time)
    {
        _time = time;
        _keys = new(Digest(options.CurrentValue.Key), null, default);
        _watch = options.OnChange(changed =>
        {
            var digest = Digest(changed.Key);
            if (!CryptographicOperations.FixedTimeEquals(digest, _keys.Present))
                _keys = new(digest, _keys.Present, time.GetUtcNow() + Overlap);
        });
    }

    /// <summary>Digests are of one length, whatever was sent: how long the comparison takes tells nothing.</summary>
    public bool Accept(string given)
    {
        var (digest, keys) = (Digest(given), _keys);
        return CryptographicOperations.FixedTimeEquals(digest, keys.Present)
            || (keys.Before is not null && _time.GetUtcNow() < keys.Until && CryptographicOperations.FixedTimeEquals(digest, keys.Before));
    }

    public void Dispose() => _watch?.Dispose();

    private static byte[] Digest(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));

    private sealed record Keys(byte[] Present, byte[]? Before, DateTimeOffset Until);
}
