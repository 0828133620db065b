using MassTransit;
using Npgsql;
using TalentSphere.Contracts;

namespace TalentSphere.ServiceDefaults.Messaging;

/// <summary>The inbox row that an event's effect shares its transaction with; in the shadow it is the shadow's.</summary>
internal sealed class InboxEntry(string queue, EventEnvelope envelope, Arrival arrival, int attempt, NpgsqlTransaction transaction)
{
    private bool _isRebuilding;

    /// <summary>True when this event has had no effect yet. A rival with the same event waits in the insert for our commit.</summary>
    public async Task<bool> MakeAsync(CancellationToken cancellationToken)
    {
        // One round trip, whatever it asks.
        await using var batch = new NpgsqlBatch(transaction.Connection, transaction);
        if (arrival.InShadow)
        {
            // Every table is named without a schema, so this sends all that the consumer does into the shadow. What a crash takes of it is repeated.
            batch.BatchCommands.Add(new("SELECT set_config('search_path', 'shadow', true), set_config('synchronous_commit', 'off', true)"));
            batch.BatchCommands.Add(Insert());
            return await RunAsync(batch, cancellationToken) is (true, _);
        }
        // Whoever compares or exchanges the projection holds this lock alone: then events wait here.
        batch.BatchCommands.Add(new("SELECT pg_advisory_xact_lock_shared($1)") { Parameters = { new() { Value = ShadowSchema.PauseLock } } });
        batch.BatchCommands.Add(Insert());
        batch.BatchCommands.Add(new("SELECT 1 WHERE to_regclass('rebuild.events') IS NOT NULL"));
        (var isNew, _isRebuilding) = await RunAsync(batch, cancellationToken);
        return isNew;
    }

    /// <summary>While a rebuild is under way, keeps the event for it, as the consumer sees it.</summary>
    public async Task MirrorAsync(ConsumeContext context, CancellationToken cancellationToken)
    {
        if (!_isRebuilding)
            return;
        var seen = context.Envelope();
        var body = ReferenceEquals(seen, envelope) ? context.ReceiveContext.Body.GetBytes() : Wire.Write(seen);
        await ShadowSchema.MirrorAsync(transaction, seen, body, cancellationToken);
    }

    private static async Task<(bool IsNew, bool IsRebuilding)> RunAsync(NpgsqlBatch batch, CancellationToken cancellationToken)
    {
        await using var results = await batch.ExecuteReaderAsync(cancellationToken);
        await results.NextResultAsync(cancellationToken);
        var isNew = await results.ReadAsync(cancellationToken);
        return (isNew, await results.NextResultAsync(cancellationToken) && await results.ReadAsync(cancellationToken));
    }

    private NpgsqlBatchCommand Insert() => new(
        """
        INSERT INTO inbox_messages (consumer, message_id, event_type, processed_at, attempts) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT DO NOTHING RETURNING 1
        """)
    {
        Parameters =
        {
            new() { Value = queue },
            new() { Value = envelope.EventId },
            new() { Value = envelope.EventType },
            new() { Value = arrival.At },
            new() { Value = attempt },
        },
    };
}
