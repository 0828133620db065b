using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Npgsql;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using TalentSphere.Cli.Mesh;

namespace TalentSphere.Cli.Chaos;

/// <summary>Where a run begins: what was there before is none of its business.</summary>
/// <param name="At">The database's clock.</param>
/// <param name="Sequences">The last outbox sequence of each service.</param>
internal sealed record Baseline(DateTime At, IReadOnlyDictionary<string, long> Sequences);

/// <summary>Reads the databases and the broker themselves, with the access that the mesh gives to its owner.</summary>
internal sealed class EvidenceReader(ControlClient mesh)
{
    public async Task<Baseline> BaselineAsync(CancellationToken cancellationToken)
    {
        var sequences = new Dictionary<string, long>(StringComparer.Ordinal);
        var at = DateTime.MinValue;
        foreach (var service in Plan.Services)
        {
            await using var db = await OpenAsync(service, cancellationToken);
            const string sql = "SELECT coalesce(max(sequence), 0), clock_timestamp() FROM outbox_messages";
            (sequences[service], at) = (await ReadAsync(db, sql, r => (r.GetInt64(0), r.GetDateTime(1)), null, cancellationToken))[0];
        }
        return new(at, sequences);
    }

    /// <summary>A connection to a service's database, as that service.</summary>
    public async Task<NpgsqlConnection> OpenAsync(string service, CancellationToken cancellationToken)
    {
        var address = new NpgsqlConnectionStringBuilder(await mesh.ConnectionAsync(service, cancellationToken)) { Pooling = false, Timeout = 5 };
        var connection = new NpgsqlConnection(address.ConnectionString);
        try
        {
            await connection.OpenAsync(cancellationToken);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>A connection to the broker.</summary>
    public async Task<IConnection> BrokerAsync(CancellationToken cancellationToken)
    {
        var factory = new ConnectionFactory
        {
            Uri = new Uri(await mesh.ConnectionAsync("rabbitmq", cancellationToken)),
            AutomaticRecoveryEnabled = false,
            ContinuationTimeout = TimeSpan.FromSeconds(5),
            RequestedConnectionTimeout = TimeSpan.FromSeconds(5),
        };
        return await factory.CreateConnectionAsync(cancellationToken);
    }

    /// <summary>How much waits and how far the subscribers are; two equal answers in which nothing waits and all has arrived are rest.</summary>
    public async Task<Progress> ProgressAsync(Baseline baseline, CancellationToken cancellationToken)
    {
        var (pending, events, due, arrived) = (0L, 0L, 0L, 0L);
        foreach (var service in Plan.Services)
        {
            await using var db = await OpenAsync(service, cancellationToken);
            var counts = await ReadAsync(
                db,
                """
                SELECT event_type, count(*), count(*) FILTER (WHERE published_at IS NULL AND set_aside_at IS NULL)
                FROM outbox_messages WHERE sequence > @since GROUP BY 1
                """,
                r => (Type: r.GetString(0), Count: r.GetInt64(1), Pending: r.GetInt64(2)),
                c => c.AddWithValue("since", baseline.Sequences[service]), cancellationToken);
            events += counts.Sum(c => c.Count);
            pending += counts.Sum(c => c.Pending);
            due += counts.Sum(c => c.Count * Hearing.Of(c.Type).Count);
            const string applied = "SELECT count(*) FROM inbox_messages WHERE processed_at >= @at";
            arrived += (await ReadAsync(db, applied, r => r.GetInt64(0), c => c.AddWithValue("at", baseline.At), cancellationToken))[0];
        }
        var queues = await QueuesAsync(cancellationToken);
        await using var challenges = await OpenAsync("challenges", cancellationToken);
        const string underJudgement = "SELECT count(*) FROM submissions WHERE status <> 'Judged' AND created_at >= @at";
        var unjudged = (await ReadAsync(challenges, underJudgement, r => r.GetInt64(0), c => c.AddWithValue("at", baseline.At), cancellationToken))[0];
        return new(pending, events, due, arrived, unjudged, queues.Where(q => !q.Name.EndsWith(".dlq", StringComparison.Ordinal)).Sum(q => q.Messages), queues);
    }

    public async Task<IReadOnlyList<QueueState>> QueuesAsync(CancellationToken cancellationToken)
    {
        await using var connection = await BrokerAsync(cancellationToken);
        var queues = new List<QueueState>();
        foreach (var name in Plan.Services.SelectMany(s => (string[])[$"{s}.events", $"{s}.events.dlq"]))
        {
            // A queue that is not there closes the channel.
            await using var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
            var state = await channel.QueueDeclarePassiveAsync(name, cancellationToken);
            queues.Add(new(name, state.MessageCount, state.ConsumerCount));
        }
        return queues;
    }

    public async Task<Evidence> ReadAsync(Baseline baseline, CancellationToken cancellationToken)
    {
        var events = new List<OutboxRow>();
        var earlier = new HashSet<Guid>();
        var inboxes = new List<InboxRow>();
        foreach (var service in Plan.Services)
        {
            await using var db = await OpenAsync(service, cancellationToken);
            events.AddRange(await ReadAsync(
                db,
                """
                SELECT id, sequence, event_type, subject, envelope, published_at IS NOT NULL, set_aside_at IS NOT NULL AND published_at IS NULL, last_error
                FROM outbox_messages WHERE sequence > @since
                """,
                r => new OutboxRow(
                    service, r.GetInt64(1), r.GetGuid(0), r.GetString(2), r.GetString(3), Data(r.GetFieldValue<byte[]>(4)), r.GetBoolean(5),
                    r.GetBoolean(6) ? Text(r, 7) ?? "" : null),
                c => c.AddWithValue("since", baseline.Sequences[service]), cancellationToken));
            earlier.UnionWith(await ReadAsync(
                db, "SELECT id FROM outbox_messages WHERE sequence <= @since", r => r.GetGuid(0),
                c => c.AddWithValue("since", baseline.Sequences[service]), cancellationToken));
            inboxes.AddRange(await ReadAsync(
                db, "SELECT message_id, event_type, position FROM inbox_messages WHERE processed_at >= @at",
                r => new InboxRow(service, r.GetGuid(0), r.GetString(1), r.GetInt64(2)), c => c.AddWithValue("at", baseline.At), cancellationToken));
        }
        var tables = await TablesAsync(baseline, cancellationToken);
        return new()
        {
            Events = events,
            Earlier = earlier,
            Inboxes = inboxes,
            Facts = tables.Facts,
            Enrollments = tables.Enrollments,
            Applications = tables.Applications,
            Ledger = tables.Ledger,
            Learners = tables.Learners,
            Notices = tables.Notices,
            Queues = await QueuesAsync(cancellationToken),
            DeadLetters = await DeadLettersAsync(cancellationToken),
        };
    }

    private async Task<Tables> TablesAsync(Baseline baseline, CancellationToken cancellationToken)
    {
        var facts = new List<Claim>();
        async Task<List<T>> FromAsync<T>(string service, string sql, Func<NpgsqlDataReader, T> read)
        {
            await using var db = await OpenAsync(service, cancellationToken);
            return await ReadAsync(db, sql, read, c => c.AddWithValue("at", baseline.At), cancellationToken);
        }
        // Each query gives the key of one fact per row, in the words of EventKeys.
        async Task FactsAsync(string service, string eventType, string sql) =>
            facts.AddRange(await FromAsync(service, sql, r => new Claim(eventType, r.GetString(0))));

        await FactsAsync("auth", "auth.user.registered", "SELECT id::text FROM accounts WHERE created_at >= @at");
        // Registering opens a session too.
        await FactsAsync(
            "auth", "auth.user.login",
            """
            SELECT account_id::text FROM (
                SELECT s.account_id, a.created_at >= @at AND row_number() OVER (PARTITION BY s.account_id ORDER BY s.created_at, s.id) = 1 AS by_registering
                FROM sessions s JOIN accounts a ON a.id = s.account_id WHERE s.created_at >= @at) opened
            WHERE NOT by_registering
            """);
        await FactsAsync("auth", "auth.user.logout", "SELECT account_id::text FROM sessions WHERE revoked_at >= @at");
        await FactsAsync("lms", "lms.course.published", "SELECT id::text FROM courses WHERE published_at >= @at");
        const string completions = "FROM lesson_completions c JOIN enrollments e ON e.id = c.enrollment_id WHERE c.completed_at >= @at";
        await FactsAsync("lms", "lms.lesson.completed", $"SELECT e.user_id || '/' || c.lesson_id {completions}");
        // No course here has a hundred lessons: each one moves the percentage.
        await FactsAsync("lms", "lms.progress.updated", $"SELECT e.user_id || '/' || e.course_id {completions}");
        await FactsAsync("lms", "lms.course.completed", "SELECT user_id || '/' || course_id FROM enrollments WHERE completed_at >= @at");
        await FactsAsync("lms", "lms.certificate.issued", "SELECT id::text FROM certificates WHERE created_at >= @at");
        await FactsAsync("challenges", "challenges.submission.submitted", "SELECT id::text FROM submissions WHERE created_at >= @at");
        await FactsAsync("jobs", "jobs.post.created", "SELECT id::text FROM jobs WHERE created_at >= @at");
        await FactsAsync("jobs", "jobs.post.closed", "SELECT id::text FROM jobs WHERE closed_at >= @at");
        await FactsAsync("jobs", "jobs.application.submitted", "SELECT user_id || '/' || job_id FROM applications WHERE created_at >= @at");
        await FactsAsync("jobs", "jobs.application.viewed", "SELECT id::text FROM applications WHERE viewed_at >= @at");
        await FactsAsync("gamification", "gamification.points.awarded", "SELECT id::text FROM ledger WHERE created_at >= @at");
        await FactsAsync("gamification", "gamification.badge.earned", "SELECT user_id || '/' || badge FROM earned_badges WHERE earned_at >= @at");
        await FactsAsync(
            "gamification", "gamification.level.reached",
            "SELECT user_id || '/' || level FROM learners, generate_series(2, highest_level) AS level WHERE created_at >= @at");
        await FactsAsync("notification", "notification.message.sent", "SELECT id::text FROM notifications WHERE created_at >= @at");
        await FactsAsync("notification", "notification.message.read", "SELECT id::text FROM notifications WHERE read_at >= @at");

        return new(
            facts,
            await FromAsync(
                "lms", "SELECT id, user_id, course_id, cancelled_at IS NOT NULL FROM enrollments WHERE created_at >= @at",
                r => new EnrollmentRow(r.GetGuid(0), r.GetGuid(1), r.GetGuid(2), r.GetBoolean(3))),
            await FromAsync(
                "jobs", "SELECT id, lower(status) FROM applications WHERE created_at >= @at", r => new ApplicationRow(r.GetGuid(0), r.GetString(1))),
            await FromAsync(
                "gamification", "SELECT id, user_id, ordinal, amount, reason, source, event_id FROM ledger WHERE created_at >= @at",
                r => new LedgerRow(r.GetGuid(0), r.GetGuid(1), r.GetInt32(2), r.GetInt32(3), r.GetString(4), r.GetString(5), r.GetGuid(6))),
            await FromAsync("gamification", "SELECT user_id, total FROM learners WHERE created_at >= @at", r => new LearnerRow(r.GetGuid(0), r.GetInt32(1))),
            await FromAsync(
                "notification", "SELECT id, user_id, kind, source, event_id FROM notifications WHERE created_at >= @at",
                r => new NoticeRow(r.GetGuid(0), r.GetGuid(1), r.GetString(2), r.GetString(3), r.GetGuid(4))));
    }

    /// <summary>Looks at the first hundred of each; what is taken and not acknowledged goes back when the connection closes.</summary>
    private async Task<List<DeadLetter>> DeadLettersAsync(CancellationToken cancellationToken)
    {
        await using var connection = await BrokerAsync(cancellationToken);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
        var letters = new List<DeadLetter>();
        foreach (var queue in Plan.Services.Select(s => $"{s}.events.dlq"))
        {
            for (var n = 0; n < 100 && await channel.BasicGetAsync(queue, autoAck: false, cancellationToken) is { } message; n++)
            {
                object? reason = null;
                message.BasicProperties.Headers?.TryGetValue("x-dead-reason", out reason);
                letters.Add(new(
                    queue, message.BasicProperties.MessageId, message.BasicProperties.Type, reason is byte[] text ? Encoding.UTF8.GetString(text) : null));
            }
        }
        return letters;
    }

    /// <summary>Whether a fault only says that something is away at the moment.</summary>
    public static bool IsAway(Exception e) =>
        e is NpgsqlException or BrokerUnreachableException or OperationInterruptedException or IOException or TimeoutException or SocketException;

    private static async Task<List<T>> ReadAsync<T>(
        NpgsqlConnection db, string sql, Func<NpgsqlDataReader, T> read, Action<NpgsqlParameterCollection>? parameters, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, db);
        parameters?.Invoke(command.Parameters);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellationToken))
            rows.Add(read(reader));
        return rows;
    }

    private static string? Text(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);

    private static JsonElement Data(byte[] envelope)
    {
        using var document = JsonDocument.Parse(envelope);
        return document.RootElement.GetProperty("data").Clone();
    }

    private sealed record Tables(
        List<Claim> Facts, List<EnrollmentRow> Enrollments, List<ApplicationRow> Applications, List<LedgerRow> Ledger, List<LearnerRow> Learners,
        List<NoticeRow> Notices);
}

/// <summary>How far the events of a run have come.</summary>
/// <param name="Pending">Committed and not published.</param>
/// <param name="Events">Committed.</param>
/// <param name="Due">Pairs of event and subscriber that have to meet.</param>
/// <param name="Arrived">Those that have, as far as the inboxes count since the run began.</param>
/// <param name="Unjudged">Submissions whose verdict, and with it an event, is still to come.</param>
/// <param name="Queued">Messages that wait in a queue.</param>
/// <param name="Queues">Each queue.</param>
internal sealed record Progress(long Pending, long Events, long Due, long Arrived, long Unjudged, long Queued, IReadOnlyList<QueueState> Queues)
{
    /// <summary>Nothing waits anywhere, and every subscriber listens.</summary>
    public bool IsRest => Pending == 0 && Unjudged == 0 && Queued == 0 && Arrived >= Due && AllListen(Queues);

    /// <summary>Whether each subscriber consumes its queue.</summary>
    public static bool AllListen(IReadOnlyList<QueueState> queues) => Hearing.Subscribers.All(s => queues.Any(q => q.Name == $"{s}.events" && q.Consumers > 0));
}
