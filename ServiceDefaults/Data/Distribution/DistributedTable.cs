using System.Globalization;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Migrations;

namespace TalentSphere.ServiceDefaults.Data;

/// <summary>A foreign key as it has to be where its tables are distributed.</summary>
/// <param name="Name">The constraint's name.</param>
/// <param name="Table">The table that refers.</param>
/// <param name="Columns">Its columns.</param>
/// <param name="Principal">The table referred to.</param>
/// <param name="PrincipalColumns">The columns of a unique key of it.</param>
/// <param name="OnDelete">What becomes of a row whose principal is deleted.</param>
internal sealed record DistributedForeignKey(
    string Name, string Table, IReadOnlyList<string> Columns, string Principal, IReadOnlyList<string> PrincipalColumns, ReferentialAction OnDelete);

/// <summary>A table of the model and what its placement makes of its keys.</summary>
internal sealed record DistributedTable(string Name, Placement? Placement, ITable Model)
{
    /// <summary>The distribution column; null unless the table is distributed.</summary>
    public string? Key { get; } = Placement is Placement.Distributed { Property: var property } ? ColumnOf(Model, property) : null;

    public string PrimaryKeyName => Model.PrimaryKey!.Name;

    /// <summary>
    /// With the distribution column, which a unique key of a distributed table must have. A UUIDv7 is unique by itself: putting the column before it takes nothing away.
    /// </summary>
    public IReadOnlyList<string> PrimaryKey { get; } = WidenedKey(Model, Placement);

    public bool HasWiderKey => PrimaryKey.Count > Model.PrimaryKey!.Columns.Count;

    /// <summary>Whether the primary key is one UUID.</summary>
    public bool HasUuidKey => Model.PrimaryKey is { Columns: [{ StoreType: "uuid" }] };

    /// <summary>The unique keys beside the primary one that lack the distribution column.</summary>
    public IEnumerable<string> KeysWithoutDistribution() => Key is null
        ? []
        : Model.UniqueConstraints.Where(u => u != Model.PrimaryKey && u.Columns.All(c => c.Name != Key)).Select(u => u.Name)
            .Concat(Model.Indexes.Where(i => i.IsUnique && i.Columns.All(c => c.Name != Key)).Select(i => i.Name));

    private static string ColumnOf(ITable table, string property) => table.EntityTypeMappings
        .SelectMany(m => m.ColumnMappings).First(c => c.Property.Name == property).Column.Name;

    private static IReadOnlyList<string> WidenedKey(ITable table, Placement? placement)
    {
        List<string> columns = [.. table.PrimaryKey!.Columns.Select(c => c.Name)];
        return placement is Placement.Distributed { Property: var property } && ColumnOf(table, property) is var key && !columns.Contains(key)
            ? [key, .. columns]
            : columns;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Name} ({Placement})");
}
