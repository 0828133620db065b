using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace TalentSphere.ServiceDefaults.Data;

/// <summary>Says in a table's configuration where its rows lie. Every table decides. Migrations never see it: the same ones are good for one node and for many.</summary>
public static class PlacementExtensions
{
    private const string _annotation = "Mesh:Placement";

    /// <summary>The rows are spread over the nodes by <paramref name="key"/>, which therefore belongs into every query of a hot path, and never changes.</summary>
    public static EntityTypeBuilder<TEntity> IsDistributedBy<TEntity>(this EntityTypeBuilder<TEntity> builder, Expression<Func<TEntity, Guid>> key)
        where TEntity : class
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Place(new Placement.Distributed(builder.Property(key).Metadata.Name));
    }

    /// <summary>Every node has all rows: for what is small, seldom written, and read or referenced together with what is distributed.</summary>
    public static EntityTypeBuilder<TEntity> IsReferenceTable<TEntity>(this EntityTypeBuilder<TEntity> builder)
        where TEntity : class => builder.Place(new Placement.Reference());

    /// <summary>The rows stay on the coordinator.</summary>
    /// <param name="builder">The table's configuration.</param>
    /// <param name="reason">Why they cannot, or need not, lie anywhere else.</param>
    public static EntityTypeBuilder<TEntity> StaysLocal<TEntity>(this EntityTypeBuilder<TEntity> builder, string reason)
        where TEntity : class
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(reason);
        return builder.Place(new Placement.Local(reason));
    }

    /// <summary>What was decided; null when nothing was.</summary>
    internal static Placement? Placement(this IReadOnlyAnnotatable entity) => entity.FindAnnotation(_annotation)?.Value as Placement;

    /// <summary>
    /// Updates and deletes of tracked rows name their key's columns and the concurrency tokens. As a token the distribution key, which never changes, is named too:
    /// otherwise saving one row would ask every node for it.
    /// </summary>
    internal static void CarryDistributionKey(this IMutableEntityType entity)
    {
        if (entity.Placement() is Placement.Distributed { Property: var name } && entity.FindProperty(name) is { } key && !key.IsPrimaryKey())
            key.IsConcurrencyToken = true;
    }

    private static EntityTypeBuilder<TEntity> Place<TEntity>(this EntityTypeBuilder<TEntity> builder, Placement placement)
        where TEntity : class
    {
        ArgumentNullException.ThrowIfNull(builder);
        // The tools that write migrations would put it into the snapshot.
        return EF.IsDesignTime ? builder : builder.HasAnnotation(_annotation, placement);
    }
}
