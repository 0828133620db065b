using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql;

namespace TalentSphere.ServiceDefaults.Data;

/// <summary>
/// Makes of a migrated database one that is distributed by Citus, as its model says. What is done already is left alone, and what was broken off is finished, so that it
/// follows every migration. The database has the extension <c>citus</c> and its workers are registered.
/// </summary>
internal static class CitusDistribution
{
    /// <summary>Places every table that is not placed yet.</summary>
    /// <exception cref="InvalidOperationException">The model breaks a rule, or there is no worker yet.</exception>
    public static async Task ApplyAsync(DistributionModel model, NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        // A database whose tables all stay on the coordinator has nothing to be told.
        if (!model.Tables.Any(t => t.Key is not null))
            return;
        if (model.Problems is [_, ..])
            throw new InvalidOperationException("The tables cannot be distributed. " + string.Join(' ', model.Problems));
        if (await AllAsync(connection, "SELECT node_name FROM citus_get_active_worker_nodes()", cancellationToken) is [])
            throw new InvalidOperationException("The database has no active worker yet: its nodes are registered first.");
        var placed = (await AllAsync(connection, "SELECT c.relname FROM pg_dist_partition p JOIN pg_class c ON c.oid = p.logicalrelid", cancellationToken)).ToHashSet(StringComparer.Ordinal);
        var present = (await AllAsync(connection, "SELECT conname FROM pg_constraint WHERE contype = 'f'", cancellationToken)).ToHashSet(StringComparer.Ordinal);
        foreach (var statement in Statements(model, placed, present))
        {
            await using var command = new NpgsqlCommand(statement, connection) { CommandTimeout = 0 };
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    /// <summary>The statements that are left to be run, in their order.</summary>
    /// <param name="model">The tables.</param>
    /// <param name="placed">The tables that Citus knows.</param>
    /// <param name="present">The foreign keys that are there.</param>
    public static IEnumerable<string> Statements(DistributionModel model, IReadOnlySet<string> placed, IReadOnlySet<string> present)
    {
        var tables = model.Tables.Where(t => !placed.Contains(t.Name)).ToList();
        var moving = tables.Select(t => t.Name).ToHashSet(StringComparer.Ordinal);
        var loose = model.ForeignKeys.Where(f => moving.Contains(f.Table) || moving.Contains(f.Principal)).ToList();
        // A table can be placed when nothing holds it to one that is not; afterwards each foreign key comes back with the columns that it needs.
        foreach (var foreignKey in loose.Where(f => present.Contains(f.Name)))
            yield return $"ALTER TABLE {Quote(foreignKey.Table)} DROP CONSTRAINT {Quote(foreignKey.Name)}";
        foreach (var table in tables)
        {
            if (table.HasWiderKey)
                yield return $"ALTER TABLE {Quote(table.Name)} DROP CONSTRAINT {Quote(table.PrimaryKeyName)}, ADD CONSTRAINT {Quote(table.PrimaryKeyName)} PRIMARY KEY ({Quoted(table.PrimaryKey)})";
            yield return table switch
            {
                { Placement: Placement.Reference } => $"SELECT create_reference_table('{table.Name}')",
                { Key: { } key } => $"SELECT create_distributed_table('{table.Name}', '{key}', colocate_with => '{CompanionOf(model, table)}')",
                // Known to Citus, so that what is written there and on a worker is committed by both or by neither.
                _ => $"SELECT citus_add_local_table_to_metadata('{table.Name}')",
            };
        }
        foreach (var foreignKey in model.ForeignKeys.Where(f => loose.Contains(f) || !present.Contains(f.Name)))
        {
            yield return $"ALTER TABLE {Quote(foreignKey.Table)} ADD CONSTRAINT {Quote(foreignKey.Name)} FOREIGN KEY ({Quoted(foreignKey.Columns)})"
                + $" REFERENCES {Quote(foreignKey.Principal)} ({Quoted(foreignKey.PrincipalColumns)}) ON DELETE {OnDelete(foreignKey)}";
        }
    }

    /// <summary>The first table with the same distribution column: rows with the same value of it lie together.</summary>
    private static string CompanionOf(DistributionModel model, DistributedTable table)
    {
        var first = model.Tables.First(t => t.Key == table.Key);
        return first == table ? "none" : first.Name;
    }

    private static string OnDelete(DistributedForeignKey foreignKey) => foreignKey.OnDelete switch
    {
        ReferentialAction.Cascade => "CASCADE",
        ReferentialAction.Restrict => "RESTRICT",
        ReferentialAction.SetNull => "SET NULL",
        ReferentialAction.SetDefault => "SET DEFAULT",
        _ => "NO ACTION",
    };

    // Names come from the model, in which all are snake_case.
    private static string Quote(string name) => $"\"{name}\"";

    private static string Quoted(IEnumerable<string> names) => string.Join(", ", names.Select(Quote));

    private static async Task<List<string>> AllAsync(NpgsqlConnection connection, string query, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(query, connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var all = new List<string>();
        while (await reader.ReadAsync(cancellationToken))
            all.Add(reader.GetString(0));
        return all;
    }
}
