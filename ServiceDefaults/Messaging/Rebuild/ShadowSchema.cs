using System.Text.Json;
using Npgsql;
using NpgsqlTypes;
using TalentSphere.Contracts;

namespace TalentSphere.ServiceDefaults.Messaging;

/// <summary>
/// The rebuild in the service's own database: schema <c>shadow</c> has every table that the service has, made by its migrations; schema <c>rebuild</c> has the
/// events and how far it is.
/// </summary>
internal sealed class ShadowSchema(NpgsqlDataSource database, string queue, string[] keys)
{
    /// <summary>Shared by whoever applies an event, alone with whoever must not see one applied. Databases do not share advisory locks.</summary>
    public const long PauseLock = 0x7453_5368_6164_0001;

    /// <summary>Held by whoever works at the rebuild.</summary>
    public const long WorkLock = 0x7453_5368_6164_0002;

    /// <summary>Keeps what is being applied live while a rebuild is under way, so that the rebuild need not ask anybody for its last events.</summary>
    public static async Task MirrorAsync(NpgsqlTransaction transaction, EventEnvelope envelope, byte[] body, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            """
            INSERT INTO rebuild.events (id, event_type, happened_at, source, mirrored, envelope) VALUES ($1, $2, $3, '', true, $4) ON CONFLICT DO NOTHING
            """, transaction.Connection, transaction)
        {
            Parameters =
            {
                new() { Value = envelope.EventId },
                new() { Value = envelope.EventType },
                new() { Value = Utc(envelope.Timestamp) },
                new() { Value = body },
            },
        };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Makes an empty shadow in place of what there was.</summary>
    /// <param name="id">Of the rebuild.</param>
    /// <param name="migrations">The statements that make every table of the service.</param>
    /// <param name="asOf">Only events up to then count.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task CreateAsync(Guid id, string migrations, DateTime? asOf, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        // From the first event that is applied after this on, every one is kept here too.
        await RunAsync(connection, "SELECT pg_advisory_xact_lock($1)", cancellationToken, new NpgsqlParameter { Value = PauseLock });
        await RunAsync(
            connection,
            """
            DROP SCHEMA IF EXISTS shadow, rebuild CASCADE;
            CREATE SCHEMA shadow;
            CREATE SCHEMA rebuild;
            CREATE TABLE rebuild.events (
                id uuid PRIMARY KEY, event_type text NOT NULL, happened_at timestamptz NOT NULL, source text NOT NULL, mirrored boolean NOT NULL, envelope bytea NOT NULL);
            CREATE TABLE rebuild.state (
                id uuid PRIMARY KEY, phase text NOT NULL, as_of timestamptz, begun_at timestamptz NOT NULL DEFAULT now(), staged bigint NOT NULL DEFAULT 0,
                applied bigint NOT NULL DEFAULT 0, not_applied_live bigint NOT NULL DEFAULT 0, not_retained bigint NOT NULL DEFAULT 0, tables jsonb, error text);
            SELECT set_config('search_path', 'shadow', true);
            """, cancellationToken);
        await RunAsync(connection, migrations, cancellationToken);
        await RunAsync(
            connection, "INSERT INTO rebuild.state (id, phase, as_of) VALUES ($1, $2, $3)", cancellationToken,
            new() { Value = id }, new() { Value = ShadowPhase.Collecting }, Moment(asOf));
        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>Takes the shadow away.</summary>
    public async Task DropAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await RunAsync(connection, "SELECT pg_advisory_xact_lock($1)", cancellationToken, new NpgsqlParameter { Value = PauseLock });
        await RunAsync(connection, "DROP SCHEMA IF EXISTS shadow, rebuild CASCADE", cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>How far it is; null when there is no rebuild.</summary>
    public async Task<ShadowState?> FindAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using (var exists = new NpgsqlCommand("SELECT to_regclass('rebuild.state') IS NOT NULL", connection))
        {
            if (!(bool)(await exists.ExecuteScalarAsync(cancellationToken))!)
                return null;
        }
        ShadowState state;
        await using (var command = new NpgsqlCommand(
            """
            SELECT id, phase, as_of, begun_at, staged, applied, not_applied_live, not_retained, tables::text, error,
                   EXISTS (SELECT FROM pg_locks l JOIN pg_database d ON d.oid = l.database WHERE d.datname = current_database() AND l.locktype = 'advisory'
                           AND ((l.classid::bigint << 32) | l.objid::bigint) = $1 AND l.objsubid = 1 AND l.granted)
            FROM rebuild.state
            """, connection)
        { Parameters = { new() { Value = WorkLock } } })
        {
            await using var row = await command.ExecuteReaderAsync(cancellationToken);
            if (!await row.ReadAsync(cancellationToken))
                return null;
            var tables = await TextAsync(row, 8, cancellationToken);
            state = new(
                row.GetGuid(0), row.GetString(1), row.GetBoolean(10), row.GetFieldValue<DateTime?>(2), row.GetDateTime(3), row.GetInt64(4), row.GetInt64(5),
                row.GetInt64(6), row.GetInt64(7), tables is null ? null : JsonSerializer.Deserialize<List<TableComparison>>(tables, Wire.Json),
                await TextAsync(row, 9, cancellationToken), keys, new Dictionary<string, Guid>(StringComparer.Ordinal));
        }
        return state.Phase == ShadowPhase.Collecting ? state with { Collected = await CollectedAsync(connection, cancellationToken) } : state;
    }

    /// <summary>Keeps events that somebody brought; those that are there already, or that nobody here handles, are passed over.</summary>
    /// <returns>How many are new; null when events are not being collected.</returns>
    public async Task<int?> StageAsync(string source, IReadOnlyList<(EventEnvelope Envelope, byte[] Body)> events, CancellationToken cancellationToken)
    {
        var wanted = events.Where(e => keys.Contains(e.Envelope.EventType)).ToList();
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using (var phase = new NpgsqlCommand("SELECT 1 FROM rebuild.state WHERE phase = $1 FOR SHARE", connection)
        { Parameters = { new() { Value = ShadowPhase.Collecting } } })
        {
            if (await phase.ExecuteScalarAsync(cancellationToken) is null)
                return null;
        }
        await using var command = new NpgsqlCommand(
            """
            INSERT INTO rebuild.events (id, event_type, happened_at, source, mirrored, envelope)
            SELECT DISTINCT ON (e.id) e.id, e.event_type, e.happened_at, $1, false, e.envelope
            FROM unnest($2, $3, $4, $5) AS e (id, event_type, happened_at, envelope)
            ON CONFLICT DO NOTHING
            """, connection)
        {
            Parameters =
            {
                new() { Value = source },
                new() { Value = wanted.Select(e => e.Envelope.EventId).ToArray() },
                new() { Value = wanted.Select(e => e.Envelope.EventType).ToArray() },
                new() { Value = wanted.Select(e => Utc(e.Envelope.Timestamp)).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.TimestampTz },
                new() { Value = wanted.Select(e => e.Body).ToArray() },
            },
        };
        var added = await command.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return added;
    }

    /// <summary>Notes where it is.</summary>
    public async Task EnterAsync(string phase, CancellationToken cancellationToken, string? error = null)
    {
        await using var command = database.CreateCommand("UPDATE rebuild.state SET phase = $1, error = $2");
        command.Parameters.Add(new() { Value = phase });
        command.Parameters.Add(new() { Value = (object?)error ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Notes how many events have been applied.</summary>
    public async Task NoteAppliedAsync(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            "UPDATE rebuild.state SET staged = (SELECT count(*) FROM rebuild.events), applied = (SELECT count(*) FROM shadow.inbox_messages WHERE consumer = $1)");
        command.Parameters.Add(new() { Value = queue });
        command.CommandTimeout = 0;
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Notes the comparison.</summary>
    public async Task NoteComparisonAsync(IReadOnlyList<TableComparison> tables, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("UPDATE rebuild.state SET phase = $1, tables = $2, error = NULL");
        command.Parameters.Add(new() { Value = ShadowPhase.Compared });
        command.Parameters.Add(new() { Value = JsonSerializer.Serialize(tables, Wire.Json), NpgsqlDbType = NpgsqlDbType.Jsonb });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>
    /// Every event that took effect in the live projection and not yet in the shadow, in the order in which it did there, which the inbox knows: where the
    /// events of different publishers meet, no other order gives the same running totals.
    /// </summary>
    public async Task<List<(Guid Id, DateTime ProcessedAt)>> RemainingAsync(DateTime? asOf, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            """
            SELECT i.message_id, i.processed_at FROM public.inbox_messages i JOIN rebuild.events e ON e.id = i.message_id
            WHERE i.consumer = $1 AND ($2::timestamptz IS NULL OR e.happened_at <= $2)
              AND NOT EXISTS (SELECT FROM shadow.inbox_messages s WHERE s.consumer = i.consumer AND s.message_id = i.message_id)
            ORDER BY i.position
            """);
        command.Parameters.Add(new() { Value = queue });
        command.Parameters.Add(Moment(asOf));
        command.CommandTimeout = 0;
        var remaining = new List<(Guid, DateTime)>();
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        while (await row.ReadAsync(cancellationToken))
            remaining.Add((row.GetGuid(0), row.GetDateTime(1)));
        return remaining;
    }

    /// <summary>The events with these ids.</summary>
    public async Task<Dictionary<Guid, byte[]>> EnvelopesAsync(Guid[] ids, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("SELECT id, envelope FROM rebuild.events WHERE id = ANY($1)");
        command.Parameters.Add(new() { Value = ids });
        var envelopes = new Dictionary<Guid, byte[]>(ids.Length);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        while (await row.ReadAsync(cancellationToken))
            envelopes[row.GetGuid(0)] = row.GetFieldValue<byte[]>(1);
        return envelopes;
    }

    /// <summary>Counts what the live projection lacks, and what it has of events that nobody keeps.</summary>
    /// <returns>How many are kept by nobody.</returns>
    public async Task<long> CountGapsAsync(IReadOnlyList<TableShape> tables, DateTime? asOf, CancellationToken cancellationToken)
    {
        var rows = tables.Where(t => t.FromEvent is not null)
            .Select(t => $"UNION SELECT t.{Quote(t.FromEvent!)} FROM public.{Quote(t.Name)} t WHERE $3::timestamptz IS NULL "
                + $"AND NOT EXISTS (SELECT FROM public.inbox_messages i WHERE i.consumer = $1 AND i.message_id = t.{Quote(t.FromEvent!)})");
        await using var command = database.CreateCommand(
            $"""
            UPDATE rebuild.state SET
                not_applied_live = (SELECT count(*) FROM rebuild.events e WHERE ($3::timestamptz IS NULL OR e.happened_at <= $3)
                    AND NOT EXISTS (SELECT FROM public.inbox_messages i WHERE i.consumer = $1 AND i.message_id = e.id)),
                not_retained = (SELECT count(*) FROM (
                    SELECT i.message_id AS id FROM public.inbox_messages i
                    WHERE i.consumer = $1 AND i.event_type = ANY($2) AND ($3::timestamptz IS NULL OR i.processed_at <= $3)
                    {string.Join('\n', rows)}) had
                    WHERE NOT EXISTS (SELECT FROM rebuild.events e WHERE e.id = had.id))
            RETURNING not_retained
            """);
        command.Parameters.Add(new() { Value = queue });
        command.Parameters.Add(new() { Value = keys });
        command.Parameters.Add(Moment(asOf));
        command.CommandTimeout = 0;
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <summary>Tells the planner what the shadow holds.</summary>
    public async Task AnalyzeAsync(IReadOnlyList<TableShape> tables, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        foreach (var table in tables)
            await RunAsync(connection, $"ANALYZE shadow.{Quote(table.Name)}", cancellationToken);
    }

    /// <summary>Compares a table with the live one by hash and, where these differ, by row.</summary>
    /// <param name="connection">In one repeatable-read transaction for all tables.</param>
    /// <param name="table">Which.</param>
    /// <param name="withLive">False: only the shadow's figures.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task<TableComparison> CompareAsync(NpgsqlConnection connection, TableShape table, bool withLive, CancellationToken cancellationToken)
    {
        var (shadowRows, shadowHash) = await HashAsync(connection, "shadow", table, cancellationToken);
        if (!withLive)
            return new(table.Name, null, null, shadowRows, shadowHash, 0, 0, 0, []);
        var (liveRows, liveHash) = await HashAsync(connection, "public", table, cancellationToken);
        if (liveHash == shadowHash)
            return new(table.Name, liveRows, liveHash, shadowRows, shadowHash, 0, 0, 0, []);
        var key = string.Join(", ", table.Keys.Select(Quote));
        var named = string.Join(", ", table.Keys.Select(k => $"'{k}', {Quote(k)}"));
        await using var command = new NpgsqlCommand(
            $"""
            WITH d AS MATERIALIZED (
                SELECT {key}, l.h AS live, s.h AS shadow FROM ({Rows("public", table)}) l FULL JOIN ({Rows("shadow", table)}) s USING ({key})
                WHERE l.h IS DISTINCT FROM s.h)
            SELECT count(*) FILTER (WHERE live IS NOT NULL AND shadow IS NOT NULL), count(*) FILTER (WHERE shadow IS NULL), count(*) FILTER (WHERE live IS NULL),
                   ARRAY(SELECT json_build_object({named})::text FROM d ORDER BY {key} LIMIT 10)
            FROM d
            """, connection)
        { CommandTimeout = 0 };
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        await row.ReadAsync(cancellationToken);
        return new(
            table.Name, liveRows, liveHash, shadowRows, shadowHash, row.GetInt64(0), row.GetInt64(1), row.GetInt64(2), row.GetFieldValue<string[]>(3));
    }

    /// <summary>
    /// Puts the rebuilt tables in the place of the live ones, in one transaction. Writers wait for it, readers only for the moment in which the names change.
    /// The old tables go with it: what is erased from the live ones later must not stay in them.
    /// </summary>
    /// <exception cref="PostgresException">Somebody reads for too long (55P03): nothing has happened, and it may be tried again.</exception>
    public async Task SwapAsync(IReadOnlyList<TableShape> tables, IReadOnlyList<string> carriedOver, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        // Shorter than the database's own search for deadlocks: it is us who gives in, and not the reader who was there first.
        await RunAsync(connection, "SELECT set_config('lock_timeout', '500ms', true), set_config('search_path', 'shadow', true)", cancellationToken);
        await RefuseForeignKeysAsync(connection, tables, cancellationToken);
        await RunAsync(connection, $"LOCK TABLE {string.Join(", ", tables.Select(t => $"public.{Quote(t.Name)}"))} IN SHARE ROW EXCLUSIVE MODE", cancellationToken);
        foreach (var statement in carriedOver)
            await RunAsync(connection, statement, cancellationToken);
        // A trigger keeps the function it was made with, and that one stays in the shadow: it is made anew with the live one of the same name.
        var triggers = await TriggersAsync(connection, tables, cancellationToken);
        foreach (var (table, trigger, _) in triggers)
            await RunAsync(connection, $"DROP TRIGGER {Quote(trigger)} ON shadow.{Quote(table)}", cancellationToken);
        await RunAsync(connection, "CREATE SCHEMA replaced", cancellationToken);
        foreach (var table in tables)
            await RunAsync(connection, $"ALTER TABLE public.{Quote(table.Name)} SET SCHEMA replaced", cancellationToken);
        foreach (var table in tables)
            await RunAsync(connection, $"ALTER TABLE shadow.{Quote(table.Name)} SET SCHEMA public", cancellationToken);
        await RunAsync(connection, "SELECT set_config('search_path', 'public', true)", cancellationToken);
        foreach (var (_, _, definition) in triggers)
            await RunAsync(connection, definition, cancellationToken);
        await RunAsync(connection, "DROP SCHEMA replaced, shadow CASCADE; DROP TABLE rebuild.events", cancellationToken);
        await RunAsync(connection, "UPDATE rebuild.state SET phase = $1, error = NULL", cancellationToken, new NpgsqlParameter { Value = ShadowPhase.Swapped });
        await transaction.CommitAsync(cancellationToken);
    }

    private static async Task RefuseForeignKeysAsync(NpgsqlConnection connection, IReadOnlyList<TableShape> tables, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            """
            SELECT string_agg(k.conname, ', ') FROM pg_constraint k JOIN pg_class a ON a.oid = k.conrelid JOIN pg_class b ON b.oid = k.confrelid
            WHERE k.contype = 'f' AND a.relnamespace = 'shadow'::regnamespace AND (a.relname = ANY($1)) <> (b.relname = ANY($1))
            """, connection)
        { Parameters = { new() { Value = tables.Select(t => t.Name).ToArray() } } };
        if (await command.ExecuteScalarAsync(cancellationToken) is string crossing)
            throw new InvalidOperationException($"The projection's tables cannot be exchanged alone: {crossing} ties them to others.");
    }

    private static async Task<List<(string Table, string Trigger, string Definition)>> TriggersAsync(
        NpgsqlConnection connection, IReadOnlyList<TableShape> tables, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            """
            SELECT c.relname, t.tgname, pg_get_triggerdef(t.oid, true) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
            WHERE NOT t.tgisinternal AND c.relnamespace = 'shadow'::regnamespace AND c.relname = ANY($1)
            """, connection)
        { Parameters = { new() { Value = tables.Select(t => t.Name).ToArray() } } };
        var triggers = new List<(string, string, string)>();
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        while (await row.ReadAsync(cancellationToken))
            triggers.Add((row.GetString(0), row.GetString(1), row.GetString(2)));
        return triggers;
    }

    private static async Task<(long Rows, string Hash)> HashAsync(NpgsqlConnection connection, string schema, TableShape table, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            $"""
            SELECT count(*), encode(sha256(coalesce(string_agg(h, ''::bytea ORDER BY {string.Join(", ", table.Keys.Select(Quote))}), ''::bytea)), 'hex')
            FROM ({Rows(schema, table)}) r
            """, connection)
        { CommandTimeout = 0 };
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        await row.ReadAsync(cancellationToken);
        return (row.GetInt64(0), row.GetString(1));
    }

    private static string Rows(string schema, TableShape table) =>
        $"SELECT {string.Join(", ", table.Keys.Select(k => "t." + Quote(k)))}, sha256(convert_to(ROW({string.Join(", ", table.Compared.Select(c => "t." + Quote(c)))})::text, 'UTF8')) AS h "
        + $"FROM {schema}.{Quote(table.Name)} t";

    private static async Task<Dictionary<string, Guid>> CollectedAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("SELECT source, max(id::text)::uuid FROM rebuild.events WHERE NOT mirrored GROUP BY source", connection) { CommandTimeout = 0 };
        var collected = new Dictionary<string, Guid>(StringComparer.Ordinal);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        while (await row.ReadAsync(cancellationToken))
            collected[row.GetString(0)] = row.GetGuid(1);
        return collected;
    }

    private static async Task<string?> TextAsync(NpgsqlDataReader row, int column, CancellationToken cancellationToken) =>
        await row.IsDBNullAsync(column, cancellationToken) ? null : row.GetString(column);

    private static async Task RunAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken, params NpgsqlParameter[] parameters)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        command.Parameters.AddRange(parameters);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static NpgsqlParameter Moment(DateTime? moment) => new() { Value = (object?)moment ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.TimestampTz };

    private static DateTime Utc(DateTime moment) => moment.Kind == DateTimeKind.Local ? moment.ToUniversalTime() : DateTime.SpecifyKind(moment, DateTimeKind.Utc);

    private static string Quote(string name) => "\"" + name.Replace("\"", "\"\"") + "\"";
}
