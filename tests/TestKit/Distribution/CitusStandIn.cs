using Npgsql;

namespace TalentSphere.TestKit;

/// <summary>
/// What a service calls of Citus, on a single PostgreSQL: a table that is distributed becomes one with eight hash partitions. PostgreSQL asks of their keys what Citus asks of
/// shards, and its planner leaves out the partitions that a query's distribution column excludes as Citus leaves out shards. That a worker is another server, it does not show.
/// </summary>
public static class CitusStandIn
{
    /// <summary>How many partitions a distributed table has.</summary>
    public const int Partitions = 8;

    private static readonly string _functions =
        $$"""
        CREATE TABLE pg_dist_partition (logicalrelid regclass PRIMARY KEY, partmethod "char" NOT NULL, colocated_with text);
        CREATE FUNCTION citus_get_active_worker_nodes() RETURNS TABLE (node_name text, node_port bigint) LANGUAGE sql AS $$SELECT 'worker', 5432::bigint$$;
        CREATE FUNCTION create_reference_table(table_name regclass) RETURNS void LANGUAGE sql AS $$INSERT INTO pg_dist_partition VALUES (table_name, 'n', NULL)$$;
        CREATE FUNCTION citus_add_local_table_to_metadata(table_name regclass) RETURNS void LANGUAGE sql AS $$INSERT INTO pg_dist_partition VALUES (table_name, 'n', NULL)$$;
        CREATE FUNCTION create_distributed_table(table_name regclass, distribution_column text, colocate_with text) RETURNS void LANGUAGE plpgsql AS $$
        DECLARE
            name text := (SELECT relname FROM pg_class WHERE oid = table_name);
            keys text[] := ARRAY(
                SELECT format('ALTER TABLE %I ADD CONSTRAINT %I %s', name, conname, pg_get_constraintdef(oid))
                FROM pg_constraint WHERE conrelid = table_name AND contype IN ('p', 'u'));
            indexes text[] := ARRAY(
                SELECT pg_get_indexdef(indexrelid) FROM pg_index i
                WHERE indrelid = table_name AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = i.indexrelid AND contype IN ('p', 'u')));
            statement text;
        BEGIN
            IF colocate_with <> 'none' AND NOT EXISTS (SELECT FROM pg_dist_partition WHERE logicalrelid = colocate_with::regclass AND partmethod = 'h') THEN
                RAISE EXCEPTION '% is not distributed', colocate_with;
            END IF;
            EXECUTE format('ALTER TABLE %I RENAME TO %I', name, name || '_whole');
            EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING GENERATED) PARTITION BY HASH (%I)', name, name || '_whole', distribution_column);
            FOR n IN 0 .. {{Partitions - 1}} LOOP
                EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES WITH (MODULUS {{Partitions}}, REMAINDER %s)', name || '_p' || n, name, n);
                -- A shard's index is named after the table's, with the shard's number.
                FOREACH statement IN ARRAY indexes LOOP
                    EXECUTE regexp_replace(statement, 'INDEX (\w+) ON public\.\w+', 'INDEX \1_10200' || n || ' ON ' || name || '_p' || n);
                END LOOP;
            END LOOP;
            EXECUTE format('INSERT INTO %I SELECT * FROM %I', name, name || '_whole');
            EXECUTE format('DROP TABLE %I', name || '_whole');
            FOREACH statement IN ARRAY keys || indexes LOOP
                EXECUTE statement;
            END LOOP;
            INSERT INTO pg_dist_partition VALUES (name::regclass, 'h', colocate_with);
        END $$;
        """;

    /// <summary>Gives a fresh database what the extension would bring.</summary>
    public static async Task InstallAsync(string connectionString)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(_functions, connection);
        await command.ExecuteNonQueryAsync();
    }
}
