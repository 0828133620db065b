using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;

namespace TalentSphere.ServiceDefaults.Data;

/// <summary>The names and types every table of the mesh shares.</summary>
public static class MeshConventions
{
    /// <summary>Enums are stored as text; call it in <c>ConfigureConventions</c>.</summary>
    public static void UseMeshConventions(this ModelConfigurationBuilder configuration) => configuration.Properties<Enum>().HaveConversion<string>().HaveMaxLength(40);

    /// <summary>snake_case for tables, columns, keys and indexes, UUIDv7 keys made by us; call it last in <c>OnModelCreating</c>.</summary>
    public static void UseMeshConventions(this ModelBuilder model)
    {
        foreach (var entity in model.Model.GetEntityTypes())
        {
            entity.CarryDistributionKey();
            if (entity.GetTableName() is { } table)
                entity.SetTableName(SnakeCase(table));
            foreach (var property in entity.GetProperties())
            {
                // A row version is PostgreSQL's own xmin; under any other name it would become a column that nobody fills.
                property.SetColumnName(property is { IsConcurrencyToken: true, ValueGenerated: ValueGenerated.OnAddOrUpdate } && property.ClrType == typeof(uint)
                    ? "xmin"
                    : SnakeCase(property.GetColumnName()));
            }
            foreach (var key in entity.GetKeys())
            {
                key.SetName(SnakeCase(key.GetName()!));
                if (key.IsPrimaryKey() && key.Properties is [{ ClrType: var type } id] && type == typeof(Guid))
                    id.ValueGenerated = ValueGenerated.Never;
            }
            foreach (var foreignKey in entity.GetForeignKeys())
                foreignKey.SetConstraintName(SnakeCase(foreignKey.GetConstraintName()!));
            foreach (var index in entity.GetIndexes())
                index.SetDatabaseName(SnakeCase(index.GetDatabaseName()!));
        }
    }

    /// <summary><c>CompletedLessonId</c> becomes <c>completed_lesson_id</c>; what is snake_case already stays.</summary>
    public static string SnakeCase(string name)
    {
        var result = new StringBuilder(name.Length + 8);
        for (var i = 0; i < name.Length; i++)
        {
            var c = name[i];
            if (char.IsUpper(c))
            {
                var startsWord = i > 0 && name[i - 1] != '_' && (!char.IsUpper(name[i - 1]) || (i + 1 < name.Length && char.IsLower(name[i + 1])));
                if (startsWord)
                    result.Append('_');
                c = char.ToLowerInvariant(c);
            }
            result.Append(c);
        }
        return result.ToString();
    }
}
