using Npgsql;
using TalentSphere.ServiceDefaults.Errors;

namespace TalentSphere.ServiceDefaults.Messaging;

/// <summary>What one service knows of some events. All services' shares together tell where an event is.</summary>
/// <param name="Service">Whose share this is.</param>
/// <param name="Handles">The keys that it subscribes to: an event of another key never reaches it.</param>
/// <param name="Published">The events that it recorded, in the order in which it did.</param>
/// <param name="More">Whether it recorded more than are told here.</param>
/// <param name="Received">The events that came to something here: applied, failed, or dead. One that it handles and that is not among them waits.</param>
/// <param name="DeadLettersRead">False when its dead letters could not all be looked at, so that <see cref="ReceivedEvent.DeadLetter"/> says nothing.</param>
public sealed record LedgerShare(
    string Service, IReadOnlyList<string> Handles, IReadOnlyList<PublishedEvent> Published, bool More, IReadOnlyList<ReceivedEvent> Received, bool DeadLettersRead);

/// <summary>An event as its publisher sees it. Times in UTC.</summary>
/// <param name="Id">Its id.</param>
/// <param name="EventType">Its routing key.</param>
/// <param name="Subject">The aggregate.</param>
/// <param name="CorrelationId">The request that it follows from.</param>
/// <param name="RecordedAt">When the fact was recorded.</param>
/// <param name="PublishedAt">When the broker confirmed it; null while it waits.</param>
/// <param name="Attempts">How often the broker answered.</param>
/// <param name="LastError">Why the last attempt failed.</param>
/// <param name="SetAsideAt">When the relay gave up on it.</param>
public sealed record PublishedEvent(
    Guid Id, string EventType, string Subject, string CorrelationId, DateTime RecordedAt, DateTime? PublishedAt, int Attempts, string? LastError, DateTime? SetAsideAt);

/// <summary>An event as a subscriber sees it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="EventType">Its routing key.</param>
/// <param name="AppliedAt">When it took effect, UTC; null when it has not.</param>
/// <param name="AppliedAtTry">At which try, from 1.</param>
/// <param name="Failures">Every failed try, oldest first.</param>
/// <param name="DeadLetter">Its dead letter, while there is one.</param>
public sealed record ReceivedEvent(
    Guid Id, string? EventType, DateTime? AppliedAt, int? AppliedAtTry, IReadOnlyList<FailedTry> Failures, DeadEvent? DeadLetter);

/// <summary>A failed try.</summary>
/// <param name="Try">Which, from 1; after a replay it begins again.</param>
/// <param name="At">When, UTC.</param>
/// <param name="Reason">Why.</param>
/// <param name="Last">Whether the message went to the dead letters after it.</param>
public sealed record FailedTry(int Try, DateTime At, string Reason, bool Last);

/// <summary>Reads this service's share of the ledger from its outbox, its inbox, its notes of failures and its dead letters.</summary>
internal sealed class DeliveryLedger(NpgsqlDataSource database, DeadLetterBox box, Subscriptions subscriptions, ServiceIdentity identity)
{
    /// <summary>How many published events one answer tells.</summary>
    public const int MaxEvents = 200;

    private const string _published =
        "SELECT id, event_type, subject, correlation_id, created_at, published_at, attempts, last_error, set_aside_at FROM outbox_messages WHERE";

    private readonly string _queue = Topology.QueueOf(identity.Name);

    /// <summary>What became of these events.</summary>
    public async Task<LedgerShare> OfAsync(Guid[] ids, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var command = new NpgsqlCommand($"{_published} id = ANY($1) ORDER BY created_at, sequence LIMIT $2", connection);
        command.Parameters.Add(new() { Value = ids });
        return await ShareAsync(connection, command, ids, letter => ids.Contains(letter.Id), cancellationToken);
    }

    /// <summary>What became of the events that follow from one request.</summary>
    public async Task<LedgerShare> OfAsync(string correlationId, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var command = new NpgsqlCommand($"{_published} correlation_id = $1 ORDER BY created_at, sequence LIMIT $2", connection);
        command.Parameters.Add(new() { Value = correlationId });
        return await ShareAsync(connection, command, [], letter => letter.CorrelationId == correlationId, cancellationToken);
    }

    private async Task<LedgerShare> ShareAsync(
        NpgsqlConnection connection, NpgsqlCommand published, IEnumerable<Guid> asked, Func<DeadEvent, bool> isAsked, CancellationToken cancellationToken)
    {
        published.Parameters.Add(new() { Value = MaxEvents + 1 });
        var own = await PublishedAsync(published, cancellationToken);
        var (letters, allRead) = await LettersAsync(cancellationToken);
        var dead = letters.Where(isAsked).GroupBy(letter => letter.Id).ToDictionary(same => same.Key, same => same.Last());
        Guid[] ids = [.. asked.Concat(own.Select(e => e.Id)).Concat(dead.Keys).Distinct()];
        var applied = await AppliedAsync(connection, ids, cancellationToken);
        var failed = await FailedAsync(connection, ids, cancellationToken);
        var received = ids.Where(id => applied.ContainsKey(id) || failed.Contains(id) || dead.ContainsKey(id)).Select(id =>
        {
            var effect = applied.TryGetValue(id, out var found) ? found : default;
            return new ReceivedEvent(
                id, effect.Type ?? failed[id].Select(f => f.Type).FirstOrDefault() ?? dead.GetValueOrDefault(id)?.EventType,
                effect.Type is null ? null : effect.At, effect.Type is null ? null : effect.Try, [.. failed[id].Select(f => f.Failure)], dead.GetValueOrDefault(id));
        });
        return new(
            identity.Name, [.. subscriptions.Handled.Select(topic => topic.Key)], [.. own.Take(MaxEvents)], own.Count > MaxEvents, [.. received], allRead);
    }

    private async Task<(IReadOnlyList<DeadEvent> Letters, bool AllRead)> LettersAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await box.OpenAsync<(IReadOnlyList<DeadEvent>, bool)>(
                async open => ([.. (await open.ReadAsync(cancellationToken, int.MaxValue)).Select(letter => letter.Event)], open.IsComplete), cancellationToken);
        }
        catch (ApiException)
        {
            // The database alone still tells most of it, and above all when the broker is away.
            return ([], false);
        }
    }

    private static async Task<List<PublishedEvent>> PublishedAsync(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        var events = new List<PublishedEvent>();
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        while (await row.ReadAsync(cancellationToken))
        {
            events.Add(new(
                row.GetGuid(0), row.GetString(1), row.GetString(2), row.GetString(3), row.GetDateTime(4), row.GetFieldValue<DateTime?>(5), row.GetInt32(6),
                await row.IsDBNullAsync(7, cancellationToken) ? null : row.GetString(7), row.GetFieldValue<DateTime?>(8)));
        }
        return events;
    }

    private async Task<Dictionary<Guid, (string? Type, DateTime At, int Try)>> AppliedAsync(NpgsqlConnection connection, Guid[] ids, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            "SELECT message_id, event_type, processed_at, attempts FROM inbox_messages WHERE consumer = $1 AND message_id = ANY($2)", connection)
        { Parameters = { new() { Value = _queue }, new() { Value = ids } } };
        var applied = new Dictionary<Guid, (string? Type, DateTime At, int Try)>();
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        while (await row.ReadAsync(cancellationToken))
            applied[row.GetGuid(0)] = (row.GetString(1), row.GetDateTime(2), row.GetInt32(3));
        return applied;
    }

    private async Task<ILookup<Guid, (string Type, FailedTry Failure)>> FailedAsync(NpgsqlConnection connection, Guid[] ids, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            """
            SELECT message_id, event_type, attempt, failed_at, error, dead FROM event_failures WHERE consumer = $1 AND message_id = ANY($2) ORDER BY id LIMIT 1000
            """, connection)
        { Parameters = { new() { Value = _queue }, new() { Value = ids } } };
        var failures = new List<(Guid Id, string Type, FailedTry Failure)>();
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        while (await row.ReadAsync(cancellationToken))
            failures.Add((row.GetGuid(0), row.GetString(1), new(row.GetInt32(2), row.GetDateTime(3), row.GetString(4), row.GetBoolean(5))));
        return failures.ToLookup(f => f.Id, f => (f.Type, f.Failure));
    }
}
