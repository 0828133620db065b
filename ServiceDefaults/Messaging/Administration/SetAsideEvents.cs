using Npgsql;
using NpgsqlTypes;

namespace TalentSphere.ServiceDefaults.Messaging;

/// <summary>The events of the outbox that the relay gave up on. The oldest of a subject is the only one set aside: the others wait behind it.</summary>
internal sealed class SetAsideEvents(NpgsqlDataSource database, OutboxSignal signal)
{
    private const string _setAside = "set_aside_at IS NOT NULL AND published_at IS NULL";

    /// <summary>In the order in which they were given up.</summary>
    public async Task<IReadOnlyList<DeadEvent>> ListAsync(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            $"""
            SELECT id, event_type, subject, correlation_id, coalesce(last_error, ''), attempts, set_aside_at, octet_length(envelope)
            FROM outbox_messages WHERE {_setAside} ORDER BY set_aside_at, sequence LIMIT $1
            """);
        command.Parameters.Add(new() { Value = OpenDeadLetters.MaxLetters });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var events = new List<DeadEvent>();
        while (await reader.ReadAsync(cancellationToken))
            events.Add(Read(reader));
        return events;
    }

    /// <summary>One of them; null when it is none.</summary>
    public async Task<DeadEventDetail?> FindAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            $"""
            SELECT id, event_type, subject, correlation_id, coalesce(last_error, ''), attempts, set_aside_at, octet_length(envelope), envelope
            FROM outbox_messages WHERE id = $1 AND {_setAside}
            """);
        command.Parameters.Add(new() { Value = id });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? new(Read(reader), 1, Stack: null, id.ToString(), Wire.ContentType, [], DeadEventBody.Of(reader.GetFieldValue<byte[]>(8)))
            : null;
    }

    /// <summary>Hands them to the relay again, in their old places.</summary>
    /// <param name="id">One of them, or null for all.</param>
    /// <param name="before">Only what was given up before this moment, UTC.</param>
    /// <param name="cancellationToken">Ends the asking.</param>
    /// <returns>How many.</returns>
    public Task<int> ReleaseAsync(Guid? id, DateTime before, CancellationToken cancellationToken) => ChangeAsync(
        $"UPDATE outbox_messages SET set_aside_at = NULL, attempts = 0, last_error = NULL WHERE {_setAside} AND ($1 IS NULL OR id = $1) AND set_aside_at < $2",
        id, before, cancellationToken);

    /// <summary>Deletes one unpublished. What waits behind it goes out.</summary>
    public async Task<bool> DiscardAsync(Guid id, CancellationToken cancellationToken) =>
        await ChangeAsync($"DELETE FROM outbox_messages WHERE {_setAside} AND id = $1 AND set_aside_at < $2", id, DateTime.MaxValue, cancellationToken) > 0;

    private static DeadEvent Read(NpgsqlDataReader row) => new(
        row.GetGuid(0), DeadEventKind.SetAside, row.GetString(1), row.GetString(2), row.GetString(3), row.GetString(4), row.GetInt32(5), row.GetDateTime(6),
        row.GetInt32(7));

    private async Task<int> ChangeAsync(string sql, Guid? id, DateTime before, CancellationToken cancellationToken)
    {
        await using var batch = database.CreateBatch();
        batch.BatchCommands.Add(new(sql)
        {
            Parameters = { new NpgsqlParameter { Value = (object?)id ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Uuid }, new() { Value = DateTime.SpecifyKind(before, DateTimeKind.Utc) } },
        });
        // In the same transaction: whoever leads is woken when there is something to see.
        batch.BatchCommands.Add(new("NOTIFY outbox_messages"));
        await batch.ExecuteNonQueryAsync(cancellationToken);
        signal.Wake();
        return (int)batch.BatchCommands[0].RecordsAffected;
    }
}
