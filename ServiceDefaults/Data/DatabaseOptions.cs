namespace TalentSphere.ServiceDefaults.Data;

/// <summary>How a service treats its database. Configuration section <c>Database</c>.</summary>
public sealed record DatabaseOptions
{
    /// <summary>Apply migrations at start (local runs). Off where a job does it with <c>--migrate</c>.</summary>
    public bool MigrateOnStart { get; init; }

    /// <summary>What spreads the tables over several nodes once they are migrated. None: one node has them all.</summary>
    public DatabaseDistribution Distribution { get; init; }
}

/// <summary>What a database is distributed by.</summary>
public enum DatabaseDistribution
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>The PostgreSQL extension Citus, by the placements of the model (<see cref="PlacementExtensions"/>).</summary>
    Citus,
}
