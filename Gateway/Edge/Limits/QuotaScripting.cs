using StackExchange.Redis;
using TalentSphere.ServiceDefaults.Caching;

namespace TalentSphere.Gateway.Edge.Limits;

/// <summary>Runs scripts on the accounts.</summary>
internal interface IQuotaScripting
{
    Task<long[]> RunAsync(QuotaScript script, RedisKey[] keys, RedisValue[] arguments);
}

/// <summary>Runs them in Redis, by digest; one that has forgotten the script is given it again.</summary>
internal sealed class RedisQuotaScripting(Redis redis) : IQuotaScripting
{
    public async Task<long[]> RunAsync(QuotaScript script, RedisKey[] keys, RedisValue[] arguments)
    {
        var database = await redis.DatabaseAsync();
        try
        {
            return (long[])await database.ScriptEvaluateAsync(script.Digest, keys, arguments);
        }
        catch (RedisServerException e) when (e.Message.StartsWith("NOSCRIPT", StringComparison.Ordinal))
        {
            await database.ExecuteAsync("SCRIPT", "LOAD", script.Text);
            return (long[])await database.ScriptEvaluateAsync(script.Digest, keys, arguments);
        }
    }
}
