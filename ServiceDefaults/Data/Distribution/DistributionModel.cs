using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Migrations;

namespace TalentSphere.ServiceDefaults.Data;

/// <summary>
/// What a context's tables become in a database of several nodes, and whether they can. The rules are those of Citus, and of PostgreSQL's own hash partitions:
/// unique keys hold the distribution column; foreign keys stay within rows that lie together, or lead to what lies everywhere.
/// </summary>
internal sealed class DistributionModel
{
    private readonly Dictionary<string, DistributedTable> _tables;

    private DistributionModel(IRelationalModel model)
    {
        _tables = model.Tables.Select(t => new DistributedTable(t.Name, t.EntityTypeMappings.First().TypeBase.Placement(), t))
            .ToDictionary(t => t.Name, StringComparer.Ordinal);
        Tables = [.. _tables.Values.OrderBy(RankOf).ThenBy(t => t.Name, StringComparer.Ordinal)];
        ForeignKeys = [.. Tables.SelectMany(t => t.Model.ForeignKeyConstraints).Select(Widened).OrderBy(f => f.Name, StringComparer.Ordinal)];
        Problems = [.. Tables.SelectMany(ProblemsOf)];
    }

    /// <summary>Every table, in the order in which they are placed: reference tables, distributed ones by their key, local ones; each by name.</summary>
    public IReadOnlyList<DistributedTable> Tables { get; }

    /// <summary>Every foreign key, with the distribution columns where it needs them, by name.</summary>
    public IReadOnlyList<DistributedForeignKey> ForeignKeys { get; }

    /// <summary>What breaks a rule, a sentence each.</summary>
    public IReadOnlyList<string> Problems { get; }

    public static DistributionModel Of(DbContext context) => new(context.GetService<IDesignTimeModel>().Model.GetRelationalModel());

    private static int RankOf(DistributedTable table) => table.Placement switch
    {
        Placement.Reference => 0,
        Placement.Distributed => 1,
        _ => 2,
    };

    private DistributedForeignKey Widened(IForeignKeyConstraint foreignKey)
    {
        var (table, principal) = (_tables[foreignKey.Table.Name], _tables[foreignKey.PrincipalTable.Name]);
        List<string> columns = [.. foreignKey.Columns.Select(c => c.Name)];
        List<string> principals = [.. foreignKey.PrincipalColumns.Select(c => c.Name)];
        if (table.Key is { } key && principal.Key is { } principalKey && principal.HasWiderKey && !principals.Contains(principalKey))
            (columns, principals) = ([key, .. columns], [principalKey, .. principals]);
        return new(foreignKey.Name, table.Name, columns, principal.Name, principals, foreignKey.OnDeleteAction);
    }

    private IEnumerable<string> ProblemsOf(DistributedTable table)
    {
        if (table.Placement is null)
            yield return $"{table.Name} says nowhere whether it is distributed, a reference table or local.";
        if (table.HasWiderKey && !table.HasUuidKey)
            yield return $"{table.Name} is distributed by {table.Key}, which its primary key lacks; only a single UUID can be widened.";
        foreach (var unique in table.KeysWithoutDistribution())
            yield return $"{table.Name} is distributed by {table.Key}, which {unique} lacks: no node could keep it unique.";
        foreach (var foreignKey in ForeignKeys.Where(f => f.Table == table.Name))
        {
            if (ProblemOf(foreignKey, table, _tables[foreignKey.Principal]) is { } problem)
                yield return problem;
        }
    }

    private static string? ProblemOf(DistributedForeignKey foreignKey, DistributedTable table, DistributedTable principal) => (table.Placement, principal.Placement) switch
    {
        (Placement.Distributed, Placement.Local) => $"{foreignKey.Name} leads from a distributed table to {principal.Name}, which only the coordinator has.",
        (Placement.Reference or Placement.Local, Placement.Distributed) => $"{foreignKey.Name} leads from {table.Name}, which is not distributed, to {principal.Name}, which is.",
        (Placement.Distributed, Placement.Distributed) when !LiesTogether(foreignKey, table, principal) =>
            $"{foreignKey.Name} leads from {table.Name} to rows of {principal.Name} on other nodes: it does not bind {table.Key} to {principal.Key}.",
        (Placement.Distributed, Placement.Distributed) when foreignKey.OnDelete is ReferentialAction.SetNull or ReferentialAction.SetDefault =>
            $"{foreignKey.Name} would change {table.Key}, which decides where a row of {table.Name} lies.",
        _ => null,
    };

    private static bool LiesTogether(DistributedForeignKey foreignKey, DistributedTable table, DistributedTable principal) =>
        foreignKey.Columns.Zip(foreignKey.PrincipalColumns).Contains((table.Key!, principal.Key!));
}
