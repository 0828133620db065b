using Microsoft.EntityFrameworkCore.Migrations;

namespace TalentSphere.ServiceDefaults.Messaging;

/// <summary>
/// Turns the outbox into a table with a partition per day (UTC), named <c>outbox_messages_yyyymmdd</c>, so that what is too old goes by dropping a table.
/// EF Core has no words for partitions: a service's migration calls this. A default partition takes rows of days that have none yet; the relay
/// makes the coming days' ahead of time.
/// </summary>
public static class OutboxPartitioning
{
    /// <summary>From one table to partitions, with every row.</summary>
    public static void PartitionOutboxByDay(this MigrationBuilder migration)
    {
        ArgumentNullException.ThrowIfNull(migration);
        SetAside(migration);
        migration.Sql(
            """
            CREATE TABLE outbox_messages (
                LIKE outbox_messages_before INCLUDING DEFAULTS INCLUDING IDENTITY,
                CONSTRAINT pk_outbox_messages PRIMARY KEY (id, created_at)
            ) PARTITION BY RANGE (created_at);
            CREATE TABLE outbox_messages_default PARTITION OF outbox_messages DEFAULT;
            DO $$
            DECLARE first timestamp := date_trunc('day', least(now(), (SELECT min(created_at) FROM outbox_messages_before)) AT TIME ZONE 'UTC');
            BEGIN
                FOR n IN 0 .. (now() AT TIME ZONE 'UTC')::date - first::date + 1 LOOP
                    EXECUTE format('CREATE TABLE outbox_messages_%s PARTITION OF outbox_messages FOR VALUES FROM (%L) TO (%L)',
                        to_char(first + n * interval '1 day', 'YYYYMMDD'),
                        (first + n * interval '1 day') AT TIME ZONE 'UTC', (first + (n + 1) * interval '1 day') AT TIME ZONE 'UTC');
                END LOOP;
            END $$;
            """);
        TakeOver(migration);
    }

    /// <summary>And back.</summary>
    public static void UnpartitionOutbox(this MigrationBuilder migration)
    {
        ArgumentNullException.ThrowIfNull(migration);
        SetAside(migration);
        migration.Sql(
            """
            CREATE TABLE outbox_messages (
                LIKE outbox_messages_before INCLUDING DEFAULTS INCLUDING IDENTITY,
                CONSTRAINT pk_outbox_messages PRIMARY KEY (id)
            );
            """);
        TakeOver(migration);
    }

    private static void SetAside(MigrationBuilder migration) => migration.Sql(
        """
        ALTER TABLE outbox_messages RENAME TO outbox_messages_before;
        ALTER TABLE outbox_messages_before RENAME CONSTRAINT pk_outbox_messages TO pk_outbox_messages_before;
        DROP INDEX IF EXISTS ix_outbox_messages_pending, ix_outbox_messages_set_aside, ix_outbox_messages_created_at, ix_outbox_messages_correlation_id;
        """);

    private static void TakeOver(MigrationBuilder migration) => migration.Sql(
        """
        INSERT INTO outbox_messages OVERRIDING SYSTEM VALUE SELECT * FROM outbox_messages_before;
        SELECT setval(pg_get_serial_sequence('outbox_messages', 'sequence'), greatest(1, (SELECT max(sequence) + 1 FROM outbox_messages)), false);
        DROP TABLE outbox_messages_before;
        CREATE INDEX ix_outbox_messages_pending ON outbox_messages (sequence) WHERE published_at IS NULL AND set_aside_at IS NULL;
        CREATE INDEX ix_outbox_messages_set_aside ON outbox_messages (subject, sequence) WHERE set_aside_at IS NOT NULL AND published_at IS NULL;
        CREATE INDEX ix_outbox_messages_correlation_id ON outbox_messages (correlation_id);
        """);
}
