using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;

namespace TalentSphere.ServiceDefaults.Messaging;

/// <summary>Says which tables a service's consumers make of events, so that these can be rebuilt from the events beside the live ones.</summary>
public sealed class ProjectionBuilder
{
    private readonly List<ProjectionTable> _tables = [];
    private readonly List<string> _carriedOver = [];
    private readonly List<Func<IServiceProvider, CancellationToken, Task>> _afterSwap = [];

    internal ProjectionBuilder()
    {
    }

    /// <summary>A table that consumers alone write.</summary>
    /// <param name="fromEvent">The column with the event that a row came from, where there is one: so rows of events that nobody keeps any more are found.</param>
    /// <param name="notCompared">What is not made of events, and therefore neither compared.</param>
    public ProjectionBuilder Table<TEntity>(Expression<Func<TEntity, Guid>>? fromEvent = null, params Expression<Func<TEntity, object?>>[] notCompared)
        where TEntity : class
    {
        ArgumentNullException.ThrowIfNull(notCompared);
        _tables.Add(new(typeof(TEntity), fromEvent is null ? null : NameOf(fromEvent.Body), [.. notCompared.Select(column => NameOf(column.Body))]));
        return this;
    }

    /// <summary>
    /// A statement that brings into the rebuilt tables, which it names without a schema, what is in no event, from the live ones, which it names with the
    /// schema <c>public</c>. Runs while nobody can write those, right before they are exchanged.
    /// </summary>
    public ProjectionBuilder CarryOver(string sql)
    {
        _carriedOver.Add(sql);
        return this;
    }

    /// <summary>What is derived from the tables elsewhere, such as in a cache, and is to be made anew once they are exchanged. May run more than once.</summary>
    public ProjectionBuilder AfterSwap(Func<IServiceProvider, CancellationToken, Task> step)
    {
        _afterSwap.Add(step);
        return this;
    }

    internal Projection Build() => new(_tables, _carriedOver, _afterSwap);

    private static string NameOf(Expression body) => body switch
    {
        UnaryExpression { Operand: MemberExpression boxed } => boxed.Member.Name,
        MemberExpression member => member.Member.Name,
        _ => throw new ArgumentException($"'{body}' is no property."),
    };
}

/// <summary>What is rebuilt.</summary>
internal sealed record Projection(
    IReadOnlyList<ProjectionTable> Tables, IReadOnlyList<string> CarriedOver, IReadOnlyList<Func<IServiceProvider, CancellationToken, Task>> AfterSwap);

/// <summary>One table of it, by the names of its entity.</summary>
internal sealed record ProjectionTable(Type Entity, string? FromEvent, IReadOnlyList<string> NotCompared)
{
    /// <summary>The same by the names of the database.</summary>
    public TableShape ShapeIn(IModel model)
    {
        var entity = model.FindEntityType(Entity) ?? throw new InvalidOperationException($"{Entity} is in no table.");
        return new(
            entity.GetTableName()!,
            [.. entity.FindPrimaryKey()!.Properties.Select(p => p.GetColumnName())],
            // A row version is the database's own and no column.
            [.. entity.GetProperties().Where(p => !NotCompared.Contains(p.Name) && p.GetColumnName() != "xmin").Select(p => p.GetColumnName())],
            FromEvent is null ? null : entity.FindProperty(FromEvent)!.GetColumnName());
    }
}

/// <summary>A table as the comparison needs it.</summary>
internal sealed record TableShape(string Name, IReadOnlyList<string> Keys, IReadOnlyList<string> Compared, string? FromEvent);
