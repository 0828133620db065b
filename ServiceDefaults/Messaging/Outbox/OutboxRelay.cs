using System.Diagnostics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using OpenTelemetry;
using RabbitMQ.Client;
using TalentSphere.ServiceDefaults.Data;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.ServiceDefaults.Messaging;

/// <summary>
/// Publishes what was committed. One relay per database is active, the one that holds an advisory lock, so that events leave in the order of their sequence
/// however many replicas there are; another takes over when that session ends. It is woken by the commit in its own process, by NOTIFY from the others, and by
/// a slow poll for what both missed.
/// </summary>
internal sealed class OutboxRelay(
    NpgsqlDataSource database, Broker broker, IEnumerable<IDatabaseMigration> migrations, OutboxSignal signal, MessagingMetrics metrics,
    IOptions<MessagingOptions> options, TimeProvider time, ILogger<OutboxRelay> logger) : BackgroundService
{
    private const long _lockKey = 0x7453_6F75_7462_6F78;
    private const string _channel = "outbox_messages";
    private const int _batchBytes = 8 * 1024 * 1024;
    private const int _sweepSize = 5000;
    private static readonly TimeSpan _longestPause = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan _lull = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan _countInterval = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan _sweepInterval = TimeSpan.FromDays(1);

    private readonly MessagingOptions _options = options.Value;
    private DateTimeOffset _nextCount;
    private long _setAside;
    private DateTimeOffset _nextSweep = DateTimeOffset.MaxValue;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var pause = new GrowingPause(TimeSpan.FromMilliseconds(250), _longestPause, time);
        _nextSweep = time.GetUtcNow() + _options.SweepAfter;
        string? lastFault = null;
        // The relay's own queries belong to no request: as traces they would only bury the others.
        using var quiet = SuppressInstrumentationScope.Begin();
        await Task.WhenAll(migrations.Select(migration => migration.Completed)).WaitAsync(stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                var session = await ConnectedAsync(stoppingToken);
                await using var connection = await database.OpenConnectionAsync(stoppingToken);
                if (await TakeLeadAsync(connection))
                {
                    try
                    {
                        await LeadAsync(connection, session, pause, stoppingToken);
                        lastFault = null;
                    }
                    finally
                    {
                        await LeaveLeadAsync(connection);
                    }
                }
                else
                {
                    metrics.Waiting(null);
                    await StandByAsync(connection, stoppingToken);
                }
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                var fault = e.GetBaseException().Message;
                if (fault != lastFault)
                    logger.LogWarning("The relay pauses, events wait in the outbox: {Fault}", fault);
                lastFault = fault;
                await pause.WaitAsync(stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>Waits for the broker; what waits with it is still counted.</summary>
    private async Task<BrokerSession> ConnectedAsync(CancellationToken stoppingToken)
    {
        var session = broker.SessionAsync(stoppingToken);
        while (!session.IsCompleted)
        {
            await Task.WhenAny(session, Task.Delay(_longestPause, time, stoppingToken));
            if (!session.IsCompleted && !stoppingToken.IsCancellationRequested)
            {
                await using var connection = await database.OpenConnectionAsync(stoppingToken);
                await CountAsync(connection);
            }
        }
        return await session;
    }

    private static async Task<bool> TakeLeadAsync(NpgsqlConnection connection)
    {
        await using var command = new NpgsqlCommand("SELECT pg_try_advisory_lock($1)", connection) { Parameters = { new() { Value = _lockKey } } };
        return (bool)(await command.ExecuteScalarAsync())!;
    }

    private static async Task LeaveLeadAsync(NpgsqlConnection connection)
    {
        // A pooled connection keeps its session: the lock has to be given back in words. A broken one has lost it already.
        if (connection.State != System.Data.ConnectionState.Open)
            return;
        try
        {
            await using var command = new NpgsqlCommand($"SELECT pg_advisory_unlock({_lockKey}); UNLISTEN {_channel}", connection) { CommandTimeout = 5 };
            await command.ExecuteNonQueryAsync();
        }
        catch (NpgsqlException)
        {
            NpgsqlConnection.ClearPool(connection);
        }
    }

    private async Task StandByAsync(NpgsqlConnection connection, CancellationToken stoppingToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        limit.CancelAfter(_options.StandbyInterval);
        await signal.WaitAsync(limit.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stoppingToken.ThrowIfCancellationRequested();
        if (signal.TryTake())
        {
            await using var notify = new NpgsqlCommand($"NOTIFY {_channel}", connection);
            await notify.ExecuteNonQueryAsync(stoppingToken);
        }
    }

    private async Task LeadAsync(NpgsqlConnection connection, BrokerSession session, GrowingPause pause, CancellationToken stoppingToken)
    {
        await using (var listen = new NpgsqlCommand($"LISTEN {_channel}", connection))
            await listen.ExecuteNonQueryAsync(stoppingToken);
        _nextCount = DateTimeOffset.MinValue;
        while (true)
        {
            stoppingToken.ThrowIfCancellationRequested();
            if (session.Closed.IsCancellationRequested)
                throw new InvalidOperationException("The connection to the broker was lost.");
            signal.TryTake();
            var batch = await FetchAsync(connection);
            if (batch.Count == _options.BatchSize || time.GetUtcNow() >= _nextCount)
                await CountIfDueAsync(connection);
            else
                metrics.Waiting(new(batch.Count, batch.Count == 0 ? null : batch[0].CreatedAt, _setAside));
            if (batch.Count == 0)
            {
                await SweepIfDueAsync(connection);
                await WaitForWorkAsync(connection, session, stoppingToken);
                continue;
            }
            // A batch that has begun is finished, whatever else stops.
            if (await PublishAsync(connection, session, batch))
                pause.Reset();
            else
                await pause.WaitAsync(stoppingToken);
            if (batch.Count < _options.BatchSize)
                metrics.Waiting(new(0, null, _setAside));
        }
    }

    private async Task WaitForWorkAsync(NpgsqlConnection connection, BrokerSession session, CancellationToken stoppingToken)
    {
        using var wake = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, session.Closed);
        var committed = signal.WaitAsync(wake.Token);
        // While there is traffic the next commit is near, and calling the database's wait off again costs more than this one.
        await Task.WhenAny(committed, Task.Delay(_lull, time, wake.Token));
        if (committed.IsCompleted)
            return;
        var notified = connection.WaitAsync(_options.PollInterval, wake.Token);
        await Task.WhenAny(committed, notified);
        await wake.CancelAsync();
        await committed.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        try
        {
            await notified;
        }
        catch (OperationCanceledException)
        {
            // Woken by the commit, or stopping: the loop looks.
        }
    }

    private async Task<List<Row>> FetchAsync(NpgsqlConnection connection)
    {
        await using var command = new NpgsqlCommand(
            """
            SELECT o.id, o.event_type, o.subject, o.correlation_id, o.traceparent, o.envelope, o.attempts, o.created_at
            FROM outbox_messages o
            WHERE o.published_at IS NULL AND o.set_aside_at IS NULL
              AND NOT EXISTS (SELECT FROM outbox_messages s
                              WHERE s.subject = o.subject AND s.sequence < o.sequence AND s.set_aside_at IS NOT NULL AND s.published_at IS NULL)
            ORDER BY o.sequence
            LIMIT $1
            """, connection)
        { Parameters = { new() { Value = _options.BatchSize } } };
        await command.PrepareAsync();
        var rows = new List<Row>();
        var bytes = 0;
        await using var reader = await command.ExecuteReaderAsync();
        while (bytes < _batchBytes && await reader.ReadAsync())
        {
            var row = new Row(reader.GetGuid(0), reader.GetString(1), reader.GetString(2), reader.GetString(3), reader.IsDBNull(4) ? null : reader.GetString(4),
                reader.GetFieldValue<byte[]>(5), reader.GetInt32(6), reader.GetFieldValue<DateTimeOffset>(7));
            bytes += row.Envelope.Length;
            rows.Add(row);
        }
        return rows;
    }

    /// <summary>Publishes a batch and notes what the broker said. False when it refused something.</summary>
    private async Task<bool> PublishAsync(NpgsqlConnection connection, BrokerSession session, List<Row> batch)
    {
        var held = new HashSet<string>(StringComparer.Ordinal);
        var sent = new List<Row>(batch.Count);
        var messages = new List<Outgoing>(batch.Count);
        var spans = new List<Activity>();
        using var traced = SuppressInstrumentationScope.Begin(false);
        foreach (var row in batch)
        {
            if (held.Contains(row.Subject))
                continue;
            if (row.Envelope.Length > Wire.MaxBytes)
            {
                held.Add(row.Subject);
                await SetAsideAsync(connection, row, $"The event has {row.Envelope.Length} bytes; at most {Wire.MaxBytes} can be published.");
                continue;
            }
            sent.Add(row);
            messages.Add(ToMessage(row, spans));
        }
        if (messages.Count == 0)
            return true;
        bool[] confirmed;
        try
        {
            confirmed = await session.PublishAsync(messages);
        }
        catch
        {
            spans.ForEach(span => span.SetStatus(ActivityStatusCode.Error, "not confirmed"));
            throw;
        }
        finally
        {
            spans.ForEach(span => span.Dispose());
        }
        var taken = sent.Where((_, i) => confirmed[i]).ToList();
        if (taken.Count > 0)
        {
            await using var mark = new NpgsqlCommand(
                "UPDATE outbox_messages SET published_at = $1, attempts = attempts + 1, last_error = NULL WHERE id = ANY($2)", connection)
            { Parameters = { new() { Value = time.GetUtcNow().UtcDateTime }, new() { Value = taken.Select(row => row.Id).ToArray() } } };
            await mark.PrepareAsync();
            await mark.ExecuteNonQueryAsync();
            metrics.Published(taken.Count);
        }
        foreach (var row in sent.Where((_, i) => !confirmed[i]))
        {
            if (row.Attempts + 1 >= _options.MaxRefusals)
                await SetAsideAsync(connection, row, $"The broker refused it {row.Attempts + 1} times.");
            else
                await NoteAsync(connection, row, "The broker refused it.", setAside: null);
        }
        return taken.Count == sent.Count;
    }

    private static Outgoing ToMessage(Row row, List<Activity> spans)
    {
        var trace = row.TraceParent;
        if (trace is not null && ActivityContext.TryParse(trace, null, isRemote: true, out var parent)
            && MessagingMetrics.Source.StartActivity($"publish {row.EventType}", ActivityKind.Producer, parent) is { } span)
        {
            span.SetTag("messaging.system", "rabbitmq").SetTag("messaging.destination.name", Topology.Exchange).SetTag("messaging.message.id", row.Id)
                .SetTag("correlation.id", row.CorrelationId);
            spans.Add(span);
            trace = span.Id;
            // The next span of the batch is its sister, not its child.
            Activity.Current = null;
        }
        var headers = new Dictionary<string, object?>(StringComparer.Ordinal) { [Correlation.HeaderName] = row.CorrelationId };
        if (trace is not null)
        {
            headers[Wire.TraceParent] = trace;
            headers[Wire.BusTraceParent] = trace;
        }
        var properties = new BasicProperties
        {
            ContentType = Wire.ContentType,
            Persistent = true,
            MessageId = row.Id.ToString(),
            Type = row.EventType,
            Headers = headers,
        };
        return new Outgoing(Topology.Exchange, row.EventType, properties, row.Envelope);
    }

    private Task SetAsideAsync(NpgsqlConnection connection, Row row, string reason)
    {
        logger.LogError("{EventType} {EventId} is set aside, later events of {Subject} wait: {Reason}", row.EventType, row.Id, row.Subject, reason);
        _nextCount = DateTimeOffset.MinValue;
        return NoteAsync(connection, row, reason, time.GetUtcNow().UtcDateTime);
    }

    private static async Task NoteAsync(NpgsqlConnection connection, Row row, string error, DateTime? setAside)
    {
        await using var command = new NpgsqlCommand(
            "UPDATE outbox_messages SET attempts = attempts + 1, last_error = $1, set_aside_at = $2 WHERE id = $3", connection)
        { Parameters = { new() { Value = error }, new NpgsqlParameter<DateTime?> { TypedValue = setAside }, new() { Value = row.Id } } };
        await command.ExecuteNonQueryAsync();
    }

    private async Task CountIfDueAsync(NpgsqlConnection connection)
    {
        if (time.GetUtcNow() < _nextCount)
            return;
        await CountAsync(connection);
        _nextCount = time.GetUtcNow() + _countInterval;
    }

    private async Task CountAsync(NpgsqlConnection connection)
    {
        await using var command = new NpgsqlCommand(
            """
            SELECT count(*), min(created_at),
                   (SELECT count(*) FROM outbox_messages WHERE set_aside_at IS NOT NULL AND published_at IS NULL)
            FROM outbox_messages WHERE published_at IS NULL AND set_aside_at IS NULL
            """, connection);
        await using var reader = await command.ExecuteReaderAsync();
        await reader.ReadAsync();
        _setAside = reader.GetInt64(2);
        metrics.Waiting(new(reader.GetInt64(0), reader.IsDBNull(1) ? null : reader.GetFieldValue<DateTimeOffset>(1), _setAside));
    }

    /// <summary>Forgets what is older than the retention, some thousand rows at a time between other work.</summary>
    private async Task SweepIfDueAsync(NpgsqlConnection connection)
    {
        var now = time.GetUtcNow();
        if (now < _nextSweep)
            return;
        var limit = (now - _options.Retention).UtcDateTime;
        var removed = 0;
        foreach (var sql in (string[])
            [
                """
                DELETE FROM outbox_messages
                WHERE ctid = ANY(ARRAY(SELECT ctid FROM outbox_messages WHERE created_at < $1 AND published_at IS NOT NULL LIMIT $2))
                """,
                "DELETE FROM inbox_messages WHERE ctid = ANY(ARRAY(SELECT ctid FROM inbox_messages WHERE processed_at < $1 LIMIT $2))",
            ])
        {
            await using var command = new NpgsqlCommand(sql, connection) { Parameters = { new() { Value = limit }, new() { Value = _sweepSize } } };
            removed = Math.Max(removed, await command.ExecuteNonQueryAsync());
        }
        _nextSweep = removed < _sweepSize ? now + _sweepInterval : now + TimeSpan.FromSeconds(1);
    }

    private sealed record Row(
        Guid Id, string EventType, string Subject, string CorrelationId, string? TraceParent, byte[] Envelope, int Attempts, DateTimeOffset CreatedAt);
}
