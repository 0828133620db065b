namespace TalentSphere.Cli.Mesh;

/// <summary>What a running mesh says of itself.</summary>
/// <param name="Mesh">The whole.</param>
/// <param name="Resources">Its parts.</param>
public sealed record MeshStatus(MeshSummary Mesh, IReadOnlyList<ResourceStatus> Resources);

/// <summary>The mesh as a whole.</summary>
/// <param name="Pid">The AppHost's process.</param>
/// <param name="StartedAt">When it started, UTC.</param>
/// <param name="Healthy">True once every resource runs and is healthy.</param>
/// <param name="GatewayUrl">Where frontends go.</param>
/// <param name="DocsUrl">The API documentation.</param>
/// <param name="DashboardUrl">The dashboard's login link; null without a dashboard.</param>
public sealed record MeshSummary(int Pid, DateTime StartedAt, bool Healthy, string? GatewayUrl, string? DocsUrl, string? DashboardUrl);

/// <summary>One resource, one line for each replica.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Project, Container, Executable, …</param>
/// <param name="State">Running, Starting, Waiting, Exited, …</param>
/// <param name="Health">Healthy, Unhealthy, Degraded, or null where nothing is checked.</param>
/// <param name="Pid">Its process.</param>
/// <param name="Urls">Its addresses.</param>
/// <param name="UptimeSeconds">Since its last start.</param>
/// <param name="MemoryBytes">Resident memory.</param>
/// <param name="Restarts">How often it came back by itself.</param>
/// <param name="LastError">The last trouble, in one sentence.</param>
/// <param name="LogPath">Its output.</param>
public sealed record ResourceStatus(
    string Name, string? Type, string State, string? Health, int? Pid, IReadOnlyList<string>? Urls, double? UptimeSeconds, long? MemoryBytes, int Restarts,
    string? LastError, string? LogPath);
