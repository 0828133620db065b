using System.Security.Cryptography;
using StackExchange.Redis;
using TalentSphere.ServiceDefaults.Auth;
using TalentSphere.ServiceDefaults.Caching;

namespace TalentSphere.Gateway.Edge.Idempotency;

/// <summary>What became of an attempt to claim a key.</summary>
internal enum ClaimOutcome
{
    /// <summary>It is ours: run the request.</summary>
    Claimed,

    /// <summary>The request is running, here or in another replica.</summary>
    Running,

    /// <summary>It was answered.</summary>
    Answered,

    /// <summary>It was answered, to another body.</summary>
    AnsweredAnother,
}

/// <param name="Outcome">What became of it.</param>
/// <param name="Answer">The answer to repeat.</param>
internal readonly record struct Claim(ClaimOutcome Outcome, StoredAnswer? Answer = null);

/// <summary>
/// Claims and answers, shared by the replicas in Redis under <c>gateway:idempotency:{id}</c>. A claim ends by itself; an answer is sealed with what only its
/// client has.
/// </summary>
internal sealed class IdempotencyStore(Redis redis)
{
    private const byte _claim = 0;
    private const byte _answer = 1;

    // Nobody else's claim or answer is overwritten; a claim that Redis itself forgot is no reason to lose the answer as well.
    private const string _put = """
        local held = redis.call('GET', KEYS[1])
        if held == false or held == ARGV[1] then
          redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
          return 1
        end
        return 0
        """;

    private const string _release = """
        if redis.call('GET', KEYS[1]) == ARGV[1] then
          return redis.call('DEL', KEYS[1])
        end
        return 0
        """;

    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(2);

    /// <summary>What a claim is known by.</summary>
    public static byte[] NewToken() => [_claim, .. RandomNumberGenerator.GetBytes(16)];

    /// <summary>Claims the key, or tells who did.</summary>
    /// <exception cref="RedisException">Redis is away.</exception>
    /// <exception cref="TimeoutException">Redis does not answer.</exception>
    public async Task<Claim> ClaimAsync(IdempotencyKey key, byte[] token, TimeSpan lease)
    {
        var database = await redis.DatabaseAsync().WaitAsync(_patience);
        while (true)
        {
            if (await database.StringSetAsync(NameOf(key), token, lease, When.NotExists).WaitAsync(_patience))
                return new(ClaimOutcome.Claimed);
            // It may end between the two questions.
            if ((byte[]?)await database.StringGetAsync(NameOf(key)).WaitAsync(_patience) is { Length: > 0 } held)
                return held[0] == _claim ? new(ClaimOutcome.Running) : Open(key, held.AsSpan(1));
        }
    }

    /// <summary>Puts the answer in the place of the claim.</summary>
    /// <returns>False when the claim had ended, and another was made.</returns>
    /// <exception cref="RedisException">Redis is away.</exception>
    /// <exception cref="TimeoutException">Redis does not answer.</exception>
    public async Task<bool> PutAsync(IdempotencyKey key, byte[] token, StoredAnswer answer, TimeSpan retention)
    {
        byte[] sealedAnswer = [_answer, .. SealedSecret.Seal(key.SealingKey, answer.ToBytes(), key.Id)];
        var database = await redis.DatabaseAsync().WaitAsync(_patience);
        return (bool)await database.ScriptEvaluateAsync(_put, [NameOf(key)], [token, sealedAnswer, (long)retention.TotalMilliseconds]).WaitAsync(_patience);
    }

    /// <summary>Gives the claim back.</summary>
    /// <exception cref="RedisException">Redis is away.</exception>
    /// <exception cref="TimeoutException">Redis does not answer.</exception>
    public async Task ReleaseAsync(IdempotencyKey key, byte[] token)
    {
        var database = await redis.DatabaseAsync().WaitAsync(_patience);
        await database.ScriptEvaluateAsync(_release, [NameOf(key)], [token]).WaitAsync(_patience);
    }

    private static RedisKey NameOf(IdempotencyKey key) => $"gateway:idempotency:{key.Id}";

    private static Claim Open(IdempotencyKey key, ReadOnlySpan<byte> sealedAnswer)
    {
        try
        {
            return new(ClaimOutcome.Answered, StoredAnswer.Read(SealedSecret.Open(key.SealingKey, sealedAnswer, key.Id)));
        }
        catch (CryptographicException)
        {
            return new(ClaimOutcome.AnsweredAnother);
        }
    }
}
