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
    private static readonly TimeSpan _longestPause = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan _awayInterval = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan _subscriberPatience = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan _lull = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan _countInterval = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan _sweepInterval = TimeSpan.FromDays(1);
    private static readonly TimeSpan _partitionPause = TimeSpan.FromMinutes(10);

    private readonly MessagingOptions _options = options.Value;
    private readonly OutboxTable _table = new(options.Value, time);
    private DateTimeOffset _nextCount;
    private long _setAside;
    private BrokerSession? _subscribed;
    private DateTimeOffset _nextSweep = DateTimeOffset.MaxValue;
    private DateTimeOffset _nextPartitions;

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
                // Another replica may lead by now, and speak for all of them.
                metrics.Waiting(null);
                var fault = e.GetBaseException().Message;
                if (fault != lastFault)
                    logger.LogWarning("The relay pauses, events wait in the outbox: {Fault}", fault);
                lastFault = fault;
                await pause.WaitAsync(stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>Waits for the broker and for every subscriber's queue on it; what waits with it is still counted.</summary>
    private async Task<BrokerSession> ConnectedAsync(CancellationToken stoppingToken)
    {
        var opening = broker.SessionAsync(stoppingToken);
        await CountUntilAsync(opening, stoppingToken);
        var session = await opening;
        if (ReferenceEquals(session, _subscribed))
            return session;
        var declaring = AwaitSubscribersAsync(session, stoppingToken);
        await CountUntilAsync(declaring, stoppingToken);
        await declaring;
        _subscribed = session;
        return session;
    }

    private async Task AwaitSubscribersAsync(BrokerSession session, CancellationToken stoppingToken)
    {
        // Once declared, a queue outlives its service and the broker: this is about a broker that is new.
        var pause = new GrowingPause(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(2), time);
        var patience = time.GetUtcNow() + _subscriberPatience;
        foreach (var service in _options.Subscribers.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            while (!await session.HasQueueAsync(Topology.QueueOf(service), stoppingToken))
            {
                if (time.GetUtcNow() > patience)
                {
                    logger.LogWarning("{Service} has no queue yet: events wait in the outbox until it has started once", service);
                    patience = DateTimeOffset.MaxValue;
                }
                await pause.WaitAsync(stoppingToken);
            }
        }
    }

    /// <summary>Counts what waits until something else is over. All replicas wait then: the one that holds the lead meanwhile speaks for them.</summary>
    private async Task CountUntilAsync(Task over, CancellationToken stoppingToken)
    {
        if (over.IsCompleted)
            return;
        NpgsqlConnection? connection = null;
        try
        {
            while (!over.IsCompleted)
            {
                try
                {
                    if (connection is null)
                    {
                        var candidate = await database.OpenConnectionAsync(stoppingToken);
                        if (await TakeLeadAsync(candidate))
                            connection = candidate;
                        else
                            await candidate.DisposeAsync();
                    }
                    if (connection is null)
                        metrics.Waiting(null);
                    else
                        await CountAsync(connection);
                }
                catch (NpgsqlException)
                {
                    // Without the database nobody knows.
                    metrics.Waiting(null);
                    await LeaveAsync();
                }
                await Task.WhenAny(over, Task.Delay(_awayInterval, time, stoppingToken));
                stoppingToken.ThrowIfCancellationRequested();
            }
        }
        finally
        {
            await LeaveAsync();
        }

        async Task LeaveAsync()
        {
            if (connection is null)
                return;
            await LeaveLeadAsync(connection);
            await connection.DisposeAsync();
            connection = null;
        }
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
            await using var command = new NpgsqlCommand(
                $"""
                SELECT pg_advisory_unlock({_lockKey}); UNLISTEN {_channel}; RESET plan_cache_mode; RESET enable_sort;
                RESET tcp_keepalives_idle; RESET tcp_keepalives_interval; RESET tcp_keepalives_count
                """, connection)
            { CommandTimeout = 5 };
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
            try
            {
                await notify.ExecuteNonQueryAsync(stoppingToken);
            }
            catch
            {
                // Nobody was told: with the next session it is said again, or done here.
                signal.Wake();
                throw;
            }
        }
    }

    private async Task LeadAsync(NpgsqlConnection connection, BrokerSession session, GrowingPause pause, CancellationToken stoppingToken)
    {
        // A notification may also come with the answer to a query, when nobody waits for it: it has to be kept until the next look.
        connection.Notification += (_, _) => signal.Wake();
        // The plan for any values walks the partitions' indexes side by side and stops at the limit; one made for a value expects few rows and sorts them all.
        // A machine that vanishes says no goodbye, and the system's own keepalive would leave the lead with it for two hours.
        await using (var listen = new NpgsqlCommand(
            $"""
            LISTEN {_channel}; SET plan_cache_mode = force_generic_plan; SET enable_sort = off;
            SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3
            """, connection))
        {
            await listen.ExecuteNonQueryAsync(stoppingToken);
        }
        await CountAsync(connection);
        List<OutboxRow> batch = [];
        while (true)
        {
            stoppingToken.ThrowIfCancellationRequested();
            if (session.Closed.IsCancellationRequested)
                throw new InvalidOperationException("The connection to the broker was lost.");
            if (batch.Count == 0)
            {
                signal.TryTake();
                batch = await _table.FetchAsync(connection, [], _setAside > 0);
            }
            if (time.GetUtcNow() >= _nextCount)
                await CountAsync(connection);
            else if (batch.Count < _options.BatchSize)
                metrics.Waiting(new(batch.Count, batch.Count == 0 ? null : new DateTimeOffset(batch[0].CreatedAt), _setAside));
            if (batch.Count == 0)
            {
                await SweepIfDueAsync(connection);
                await WaitForWorkAsync(connection, session, stoppingToken);
                continue;
            }
            // A batch that has begun is finished, whatever else stops.
            var (taken, next) = await PublishAsync(connection, session, batch);
            if (taken)
                pause.Reset();
            else
                await pause.WaitAsync(stoppingToken);
            if (batch.Count < _options.BatchSize)
                metrics.Waiting(new(0, null, _setAside));
            batch = next;
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

    /// <summary>
    /// Publishes a batch and notes what the broker said; of a long queue the next batch is fetched meanwhile. Of one subject no event is sent before the one in front of it
    /// is confirmed: one that is refused must not be overtaken.
    /// </summary>
    /// <returns>False when the broker refused something. Then nothing was fetched: what stands behind a refused event has to wait.</returns>
    private async Task<(bool Taken, List<OutboxRow> Next)> PublishAsync(NpgsqlConnection connection, BrokerSession session, List<OutboxRow> batch)
    {
        var held = new HashSet<string>(StringComparer.Ordinal);
        var before = new Dictionary<string, int>(StringComparer.Ordinal);
        var waves = new List<List<OutboxRow>>();
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
            var wave = before.GetValueOrDefault(row.Subject);
            before[row.Subject] = wave + 1;
            if (wave == waves.Count)
                waves.Add([]);
            waves[wave].Add(row);
        }
        List<OutboxRow> next = [];
        var refused = new HashSet<string>(StringComparer.Ordinal);
        foreach (var wave in waves)
        {
            var sent = refused.Count == 0 ? wave : wave.FindAll(row => !refused.Contains(row.Subject));
            if (sent.Count == 0)
                break;
            var fetches = wave == waves[^1] && batch.Count == _options.BatchSize && held.Count == 0 && refused.Count == 0;
            var (confirmed, fetched) = await SendAsync(connection, session, sent, fetches ? batch : null);
            next = fetched;
            await NoteAsync(connection, sent, confirmed);
            refused.UnionWith(sent.Where((_, i) => !confirmed[i]).Select(row => row.Subject));
        }
        return refused.Count == 0 ? (true, next) : (false, []);
    }

    /// <param name="connection">The relay's.</param>
    /// <param name="session">The broker's.</param>
    /// <param name="rows">What is sent.</param>
    /// <param name="batch">Not null: the batch behind it is fetched meanwhile.</param>
    private async Task<(bool[] Confirmed, List<OutboxRow> Next)> SendAsync(NpgsqlConnection connection, BrokerSession session, List<OutboxRow> rows, List<OutboxRow>? batch)
    {
        var spans = new List<Activity>();
        using var traced = SuppressInstrumentationScope.Begin(false);
        var messages = rows.ConvertAll(row => ToMessage(row, spans));
        try
        {
            var publishing = session.PublishAsync(messages);
            List<OutboxRow> next = batch is null ? [] : await _table.FetchAsync(connection, batch, _setAside > 0);
            return (await publishing, next);
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
    }

    private async Task NoteAsync(NpgsqlConnection connection, List<OutboxRow> sent, bool[] confirmed)
    {
        var taken = sent.Where((_, i) => confirmed[i]).ToList();
        if (taken.Count > 0)
        {
            await _table.MarkPublishedAsync(connection, taken);
            metrics.Published(taken.Count);
        }
        foreach (var row in sent.Where((_, i) => !confirmed[i]))
        {
            if (row.Attempts + 1 >= _options.MaxRefusals)
                await SetAsideAsync(connection, row, $"The broker refused it {row.Attempts + 1} times.");
            else
                await _table.NoteFailureAsync(connection, row, "The broker refused it.", setAside: false);
        }
    }

    private static Outgoing ToMessage(OutboxRow row, List<Activity> spans)
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

    private async Task SetAsideAsync(NpgsqlConnection connection, OutboxRow row, string reason)
    {
        logger.LogError("{EventType} {EventId} is set aside, later events of {Subject} wait: {Reason}", row.EventType, row.Id, row.Subject, reason);
        await _table.NoteFailureAsync(connection, row, reason, setAside: true);
        await CountAsync(connection);
    }

    private async Task CountAsync(NpgsqlConnection connection)
    {
        var backlog = await OutboxTable.CountAsync(connection);
        _setAside = backlog.SetAside;
        metrics.Waiting(backlog);
        _nextCount = time.GetUtcNow() + _countInterval;
    }

    /// <summary>Between other work: partitions once a day, and what the retention leaves of single rows some thousand at a time.</summary>
    private async Task SweepIfDueAsync(NpgsqlConnection connection)
    {
        var now = time.GetUtcNow();
        if (now < _nextSweep)
            return;
        if (_nextPartitions <= now)
        {
            // Whatever becomes of it: not again at once.
            _nextPartitions = now + _partitionPause;
            if (await _table.KeepPartitionsAsync(connection))
                _nextPartitions = now + _sweepInterval;
        }
        var next = now + (await _table.SweepAsync(connection) ? _sweepInterval : TimeSpan.FromSeconds(1));
        _nextSweep = next < _nextPartitions ? next : _nextPartitions;
    }
}
