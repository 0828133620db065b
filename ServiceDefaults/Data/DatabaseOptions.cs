namespace TalentSphere.ServiceDefaults.Data;

/// <summary>How a service treats its database. Configuration section <c>Database</c>.</summary>
public sealed record DatabaseOptions
{
    /// <summary>Apply migrations at start (local runs). Off where a job does it with <c>--migrate</c>.</summary>
    public bool MigrateOnStart { get; init; }
}
