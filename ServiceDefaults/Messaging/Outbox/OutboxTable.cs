using System.Globalization;
using Npgsql;

namespace TalentSphere.ServiceDefaults.Messaging;

/// <summary>One waiting event.</summary>
internal sealed record OutboxRow(
    Guid Id, long Sequence, string EventType, string Subject, string CorrelationId, string? TraceParent, byte[] Envelope, int Attempts, DateTime CreatedAt);

/// <summary>What the relay asks and tells the outbox, over the connection that holds its lead.</summary>
internal sealed class OutboxTable(MessagingOptions options, TimeProvider time)
{
    private const int _batchBytes = 8 * 1024 * 1024;
    private const int _sweepSize = 5000;
    private const int _daysAhead = 3;
    private const string _setAside = "set_aside_at IS NOT NULL AND published_at IS NULL";
    private const string _waiting = "published_at IS NULL AND set_aside_at IS NULL";
    private const string _columns = "o.id, o.sequence, o.event_type, o.subject, o.correlation_id, o.traceparent, o.envelope, o.attempts, o.created_at";

    /// <summary>The next events in the order of their sequence, without those that stand behind one that was set aside.</summary>
    /// <param name="connection">The relay's.</param>
    /// <param name="without">The batch that is on its way. Not "all after its last": a transaction that committed late may have an earlier sequence.</param>
    /// <param name="anySetAside">Whether something may stand behind a set-aside event.</param>
    public async Task<List<OutboxRow>> FetchAsync(NpgsqlConnection connection, IReadOnlyCollection<OutboxRow> without, bool anySetAside)
    {
        await using var command = new NpgsqlCommand(
            anySetAside
                ? $"""
                   SELECT {_columns} FROM outbox_messages o
                   LEFT JOIN (SELECT subject, min(sequence) AS sequence FROM outbox_messages WHERE {_setAside} GROUP BY subject) held
                          ON held.subject = o.subject AND held.sequence < o.sequence
                   WHERE {_waiting} AND held.subject IS NULL
                   ORDER BY o.sequence LIMIT $1
                   """
                : $"SELECT {_columns} FROM outbox_messages o WHERE {_waiting} ORDER BY o.sequence LIMIT $1",
            connection)
        { Parameters = { new() { Value = options.BatchSize + without.Count } } };
        await command.PrepareAsync();
        // They are read once more and passed over here: as a condition they would cost the planner more than they cost on the way.
        var passed = without.Select(row => row.Id).ToHashSet();
        var rows = new List<OutboxRow>();
        var bytes = 0;
        await using var reader = await command.ExecuteReaderAsync();
        while (rows.Count < options.BatchSize && bytes < _batchBytes && await reader.ReadAsync())
        {
            if (passed.Contains(reader.GetGuid(0)))
                continue;
            var row = new OutboxRow(
                reader.GetGuid(0), reader.GetInt64(1), reader.GetString(2), reader.GetString(3), reader.GetString(4),
                await reader.IsDBNullAsync(5) ? null : reader.GetString(5), reader.GetFieldValue<byte[]>(6), reader.GetInt32(7), reader.GetDateTime(8));
            bytes += row.Envelope.Length;
            rows.Add(row);
        }
        return rows;
    }

    public async Task MarkPublishedAsync(NpgsqlConnection connection, IReadOnlyCollection<OutboxRow> rows)
    {
        await using var command = new NpgsqlCommand(
            """
            UPDATE outbox_messages SET published_at = $1, attempts = attempts + 1, last_error = NULL
            WHERE id = ANY($2) AND created_at BETWEEN $3 AND $4
            """, connection)
        {
            Parameters =
            {
                new() { Value = time.GetUtcNow().UtcDateTime },
                new() { Value = rows.Select(row => row.Id).ToArray() },
                new() { Value = rows.Min(row => row.CreatedAt) },
                new() { Value = rows.Max(row => row.CreatedAt) },
            },
        };
        await command.PrepareAsync();
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Notes a refusal; with <paramref name="setAside"/> it is the last.</summary>
    public async Task NoteFailureAsync(NpgsqlConnection connection, OutboxRow row, string error, bool setAside)
    {
        await using var command = new NpgsqlCommand(
            "UPDATE outbox_messages SET attempts = attempts + 1, last_error = $1, set_aside_at = $2 WHERE id = $3 AND created_at = $4", connection)
        {
            Parameters =
            {
                new() { Value = error },
                new NpgsqlParameter<DateTime?> { TypedValue = setAside ? time.GetUtcNow().UtcDateTime : null },
                new() { Value = row.Id },
                new() { Value = row.CreatedAt },
            },
        };
        await command.ExecuteNonQueryAsync();
    }

    public static async Task<MessagingMetrics.Backlog> CountAsync(NpgsqlConnection connection)
    {
        await using var command = new NpgsqlCommand(
            $"""
            SELECT count(*), min(created_at), (SELECT count(*) FROM outbox_messages WHERE {_setAside}) FROM outbox_messages WHERE {_waiting}
            """, connection);
        await using var reader = await command.ExecuteReaderAsync();
        await reader.ReadAsync();
        return new(reader.GetInt64(0), await reader.IsDBNullAsync(1) ? null : reader.GetFieldValue<DateTimeOffset>(1), reader.GetInt64(2));
    }

    /// <summary>Makes the partitions of today and the coming days, and drops those whose last event is older than the retention.</summary>
    /// <returns>False when somebody reads too long to do all of it now.</returns>
    public async Task<bool> KeepPartitionsAsync(NpgsqlConnection connection)
    {
        var done = true;
        var today = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
        var oldest = DateOnly.FromDateTime((time.GetUtcNow() - options.Retention).UtcDateTime);
        var present = await PartitionsAsync(connection);
        for (var day = today; day <= today.AddDays(_daysAhead); day = day.AddDays(1))
        {
            // Rows that came before their day's partition was made stay in the default one: it cannot be made any more.
            if (!present.Contains(day) && !await HasRowsAsync(connection, "outbox_messages_default", "created_at >= $1 AND created_at < $2", Midnight(day), Midnight(day.AddDays(1))))
            {
                done &= await TryAsync(connection,
                    $"CREATE TABLE IF NOT EXISTS {PartitionOf(day)} PARTITION OF outbox_messages FOR VALUES FROM ('{day:yyyy-MM-dd}Z') TO ('{day.AddDays(1):yyyy-MM-dd}Z')");
            }
        }
        foreach (var day in present.Where(day => day < oldest))
        {
            if (!await HasRowsAsync(connection, PartitionOf(day), "published_at IS NULL"))
                done &= await TryAsync(connection, $"DROP TABLE {PartitionOf(day)}");
        }
        return done;
    }

    /// <summary>Forgets what is older than the retention and lies in no day's partition, some thousand rows at a time.</summary>
    /// <returns>False when there is more.</returns>
    public async Task<bool> SweepAsync(NpgsqlConnection connection)
    {
        var limit = (time.GetUtcNow() - options.Retention).UtcDateTime;
        var removed = 0;
        foreach (var sql in (string[])
            [
                """
                DELETE FROM outbox_messages_default WHERE ctid = ANY(ARRAY(
                    SELECT ctid FROM outbox_messages_default WHERE created_at < $1 AND published_at IS NOT NULL LIMIT $2))
                """,
                "DELETE FROM inbox_messages WHERE ctid = ANY(ARRAY(SELECT ctid FROM inbox_messages WHERE processed_at < $1 LIMIT $2))",
                "DELETE FROM event_failures WHERE ctid = ANY(ARRAY(SELECT ctid FROM event_failures WHERE failed_at < $1 LIMIT $2))",
            ])
        {
            await using var command = new NpgsqlCommand(sql, connection) { Parameters = { new() { Value = limit }, new() { Value = _sweepSize } } };
            removed = Math.Max(removed, await command.ExecuteNonQueryAsync());
        }
        return removed < _sweepSize;
    }

    private static string PartitionOf(DateOnly day) => "outbox_messages_" + day.ToString("yyyyMMdd", CultureInfo.InvariantCulture);

    private static DateTime Midnight(DateOnly day) => day.ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc);

    private static async Task<HashSet<DateOnly>> PartitionsAsync(NpgsqlConnection connection)
    {
        await using var command = new NpgsqlCommand("SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'outbox_messages'::regclass", connection);
        var days = new HashSet<DateOnly>();
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            if (DateOnly.TryParseExact(reader.GetString(0).Split('_')[^1], "yyyyMMdd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
                days.Add(day);
        }
        return days;
    }

    // A partition's name is made of a day's digits; the conditions are the constants above.
    private static async Task<bool> HasRowsAsync(NpgsqlConnection connection, string partition, string condition, params DateTime[] bounds)
    {
        await using var command = new NpgsqlCommand($"SELECT EXISTS (SELECT FROM {partition} WHERE {condition})", connection);
        foreach (var bound in bounds)
            command.Parameters.Add(new() { Value = bound });
        return (bool)(await command.ExecuteScalarAsync())!;
    }

    /// <returns>False when somebody reads the outbox, a backup for instance.</returns>
    private static async Task<bool> TryAsync(NpgsqlConnection connection, string statement)
    {
        // A statement that waits for a lock makes everybody behind it wait, and that is every writer of events.
        await using var batch = new NpgsqlBatch(connection) { BatchCommands = { new("SET LOCAL lock_timeout = '200ms'"), new(statement) } };
        try
        {
            await batch.ExecuteNonQueryAsync();
            return true;
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.LockNotAvailable)
        {
            return false;
        }
    }
}
