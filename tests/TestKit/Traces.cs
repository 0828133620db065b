using System.Text;
using Npgsql;
using RabbitMQ.Client;
using StackExchange.Redis;

namespace TalentSphere.TestKit;

/// <summary>Looks for a word in everything that is kept.</summary>
public static class Traces
{
    /// <summary>The tables, partitions included, of which a row holds the word; bytes are read as UTF-8.</summary>
    public static async Task<IReadOnlyList<string>> InDatabaseAsync(string connectionString, string word)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        var tables = new List<string>();
        await using (var list = new NpgsqlCommand(
            """
            SELECT quote_ident(table_schema) || '.' || quote_ident(table_name) FROM information_schema.tables
            WHERE table_schema NOT IN ('pg_catalog', 'information_schema') AND table_type = 'BASE TABLE'
            """, connection))
        await using (var reader = await list.ExecuteReaderAsync())
        {
            while (await reader.ReadAsync())
                tables.Add(reader.GetString(0));
        }
        var found = new List<string>();
        foreach (var table in tables)
        {
            // The name comes out of the catalogue, quoted. A row's text shows bytes as hexadecimal digits.
            await using var rows = new NpgsqlCommand($"SELECT t::text FROM {table} t WHERE t::text ILIKE $1 OR t::text ILIKE $2", connection)
            {
                Parameters = { new() { Value = $"%{word}%" }, new() { Value = $"%{Convert.ToHexStringLower(Encoding.UTF8.GetBytes(word))}%" } },
            };
            await using var reader = await rows.ExecuteReaderAsync();
            while (await reader.ReadAsync())
                found.Add($"{table}: {reader.GetString(0)}");
        }
        return found;
    }

    /// <summary>The keys of Redis that hold the word, in their name or in their value.</summary>
    public static async Task<IReadOnlyList<string>> InRedisAsync(ConfigurationOptions address, string word)
    {
        // A look at everything, beside whatever else keeps the machine busy.
        address.SyncTimeout = (int)TimeSpan.FromMinutes(1).TotalMilliseconds;
        using var redis = await ConnectionMultiplexer.ConnectAsync(address);
        var database = redis.GetDatabase();
        var found = new List<string>();
        foreach (var key in redis.GetServer(redis.GetEndPoints().Single()).Keys())
        {
            string[] values = await database.KeyTypeAsync(key) switch
            {
                RedisType.String => [(await database.StringGetAsync(key)).ToString()],
                RedisType.Hash => [.. (await database.HashGetAllAsync(key)).Select(e => $"{e.Name}={e.Value}")],
                RedisType.List => [.. (await database.ListRangeAsync(key)).Select(v => v.ToString())],
                RedisType.Set => [.. (await database.SetMembersAsync(key)).Select(v => v.ToString())],
                RedisType.SortedSet => [.. (await database.SortedSetRangeByRankAsync(key)).Select(v => v.ToString())],
                // Expired since it was listed.
                RedisType.None => [],
                var kind => throw new NotSupportedException($"{key} is a {kind}: nobody has looked into one yet."),
            };
            if (values.Prepend(key.ToString()).Any(v => v.Contains(word, StringComparison.OrdinalIgnoreCase)))
                found.Add($"{key}: {string.Join(' ', values)}");
        }
        // Else the client waits for as long as a command may take.
        await redis.CloseAsync(allowCommandsToComplete: false);
        return found;
    }

    /// <summary>How many messages wait in a queue. No queue, no message.</summary>
    public static async Task<uint> WaitingAsync(string address, string queue)
    {
        await using var connection = await new ConnectionFactory { Uri = new Uri(address) }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        try
        {
            return (await channel.QueueDeclarePassiveAsync(queue)).MessageCount;
        }
        catch (RabbitMQ.Client.Exceptions.OperationInterruptedException e) when (e.ShutdownReason?.ReplyCode == 404)
        {
            return 0;
        }
    }

    /// <summary>
    /// How many messages of a dead-letter queue hold the word, in their body or in a header; all of them stay where they are. Of a queue with a single active
    /// consumer nobody else can read: there, wait until it is empty.
    /// </summary>
    public static async Task<int> InQueueAsync(string address, string queue, string word)
    {
        if (await WaitingAsync(address, queue) == 0)
            return 0;
        await using var connection = await new ConnectionFactory { Uri = new Uri(address) }.CreateConnectionAsync();
        // Nothing is acknowledged: closing the channel puts everything back.
        await using var channel = await connection.CreateChannelAsync();
        var found = 0;
        while (await channel.BasicGetAsync(queue, autoAck: false) is { } message)
        {
            var headers = (message.BasicProperties.Headers ?? new Dictionary<string, object?>()).Values
                .Select(v => v is byte[] bytes ? Encoding.UTF8.GetString(bytes) : v?.ToString());
            if (headers.Prepend(Encoding.UTF8.GetString(message.Body.Span)).Any(text => text?.Contains(word, StringComparison.OrdinalIgnoreCase) == true))
                found++;
        }
        return found;
    }
}
