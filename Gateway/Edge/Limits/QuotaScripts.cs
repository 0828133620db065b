using System.Security.Cryptography;
using System.Text;

namespace TalentSphere.Gateway.Edge.Limits;

/// <summary>A script that Redis runs, and the digest it knows it by.</summary>
internal sealed class QuotaScript(string text)
{
    public string Text { get; } = text;

#pragma warning disable CA5350 // The name that EVALSHA takes, not a protection.
    public byte[] Digest { get; } = SHA1.HashData(Encoding.UTF8.GetBytes(text));
#pragma warning restore CA5350
}

/// <summary>
/// The shared side of a quota. An account is a hash: what is taken in all, and per replica how far it may go ("spent, and leased beyond"). Redis' own clock decides,
/// so that replicas agree.
/// </summary>
internal static class QuotaScripts
{
    /// <summary>In: replica, life of its entry in ms. Out: how many replicas there are.</summary>
    public static QuotaScript Presence { get; } = new("""
        local time = redis.call('TIME')
        local now = time[1] * 1000 + math.floor(time[2] / 1000)
        redis.call('ZADD', KEYS[1], now, ARGV[1])
        redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - ARGV[2])
        redis.call('PEXPIRE', KEYS[1], ARGV[2])
        return { redis.call('ZCARD', KEYS[1]) }
        """);

    /// <summary>In: replica. Out: whether it was there.</summary>
    public static QuotaScript Absence { get; } = new("return { redis.call('ZREM', KEYS[1], ARGV[1]) }");

    /// <summary>
    /// In: permits, window in ms, replica, the end of the window it knows, spent in it, held, waiting, ahead, life of a lease in ms.
    /// Out: end of the window, ms until then, permits granted, permits free, whether "spent" was counted, ms until others' leases end.
    /// </summary>
    public static QuotaScript Window { get; } = new("""
        local time = redis.call('TIME')
        local now = time[1] * 1000 + math.floor(time[2] / 1000)
        local permits, window, me, epoch = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3], tonumber(ARGV[4])
        local spent, hold, waiting, ahead = tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[8])
        local counted = 1
        if epoch <= now then
          spent, hold, counted = 0, 0, 0
        end
        local account = redis.call('HMGET', KEYS[1], 'end', 'taken', 'r' .. me)
        local ends, taken, mine = tonumber(account[1] or '0'), tonumber(account[2] or '0'), tonumber(account[3] or '0')
        if ends <= now then
          redis.call('DEL', KEYS[1])
          taken, mine = 0, 0
          -- A window that is known although the account is not: Redis lost its memory.
          if epoch > now and epoch <= now + window then ends = epoch else ends = now + window end
        end
        taken = taken - mine + spent + hold
        local free = math.max(0, permits - taken)
        local granted = math.min(free, waiting)
        local leased = math.min(ahead, math.max(0, math.floor((free - granted + hold) / 4) - hold))
        taken = taken + granted + leased
        redis.call('HSET', KEYS[1], 'end', string.format('%.0f', ends), 'taken', string.format('%.0f', taken), 'r' .. me, string.format('%.0f', spent + hold + granted + leased))
        if leased + hold > 0 then
          redis.call('HSET', KEYS[1], 'l' .. me, string.format('%.0f', now + tonumber(ARGV[9])))
        else
          redis.call('HDEL', KEYS[1], 'l' .. me)
        end
        redis.call('PEXPIREAT', KEYS[1], string.format('%.0f', ends))
        local others = 0
        if granted < waiting then
          local all = redis.call('HGETALL', KEYS[1])
          for i = 1, #all, 2 do
            if string.sub(all[i], 1, 1) == 'l' then
              others = math.max(others, tonumber(all[i + 1]) + 200 - now)
            end
          end
        end
        return { ends, ends - now, granted + leased, free - granted - leased, counted, others }
        """);

    /// <summary>
    /// In: tokens per ms, size, debt, replica, whether it comes back from counting alone, the level it believes in then, spent, held, waiting, ahead, life of a lease in ms.
    /// Out: permits granted, permits granted before their time, level in thousandths.
    /// </summary>
    public static QuotaScript Bucket { get; } = new("""
        local time = redis.call('TIME')
        local now = time[1] * 1000 + time[2] / 1000
        local rate, size, debt, me = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4]
        local rejoins, believed = ARGV[5] == '1', tonumber(ARGV[6])
        local spent, hold, waiting, ahead = tonumber(ARGV[7]), tonumber(ARGV[8]), tonumber(ARGV[9]), tonumber(ARGV[10])
        local account = redis.call('HMGET', KEYS[1], 'level', 'at', 'r' .. me)
        local level, mine = size, spent + hold
        if account[1] then
          level = tonumber(account[1]) + math.max(0, now - tonumber(account[2])) * rate
        end
        if rejoins then
          level = math.min(level, believed)
        elseif account[3] then
          mine = tonumber(account[3])
        end
        level = math.min(size, level + mine - spent - hold)
        local granted = math.min(waiting, math.max(0, math.floor(level)))
        local leased = 0
        local late = 0
        if granted == waiting then
          leased = math.min(ahead, math.max(0, math.floor((level - granted + hold) / 4) - hold))
        else
          late = math.min(waiting - granted, math.max(0, math.floor(level - granted + debt)))
        end
        level = level - granted - leased - late
        redis.call('HSET', KEYS[1], 'level', string.format('%.6f', level), 'at', string.format('%.3f', now), 'r' .. me, string.format('%.0f', spent + hold + granted + leased + late))
        redis.call('PEXPIRE', KEYS[1], string.format('%.0f', math.ceil((size - level) / rate) + tonumber(ARGV[11]) + 1000))
        return { granted + leased, late, math.floor(level * 1000) }
        """);
}
