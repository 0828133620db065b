using Google.Protobuf.WellKnownTypes;
using TalentSphere.AppHost.LocalHosting.Wire;
using HealthStatus = TalentSphere.AppHost.LocalHosting.Wire.HealthStatus;

namespace TalentSphere.AppHost.LocalHosting;

/// <summary>A snapshot in the dashboard's words. Every resource must have a creation time, every link display properties and every property a value.</summary>
internal static class DashboardProjection
{
    private const string _parentName = "resource.parentName";

    private static readonly (string Name, string Title, string Icon)[] _commands =
        [("start", "Start", "Play"), ("stop", "Stop", "Stop"), ("restart", "Restart", "ArrowCounterclockwise")];

    public static Res Of(ResourceInstance instance, CustomResourceSnapshot snapshot, Func<string, string> nameOf)
    {
        var resource = new Res
        {
            Name = instance.Id,
            ResourceType = snapshot.ResourceType,
            DisplayName = instance.Resource.Name,
            Uid = instance.Id,
            State = snapshot.State?.Text ?? "Unknown",
            CreatedAt = Time(snapshot.CreationTimeStamp ?? DateTime.UnixEpoch),
            StartedAt = Time(snapshot.StartTimeStamp),
            StoppedAt = Time(snapshot.StopTimeStamp),
            IsHidden = snapshot.IsHidden,
        };
        if (snapshot.State?.Style is { } style)
            resource.StateStyle = style;
        if (snapshot.IconName is { } icon)
            resource.IconName = icon;
        resource.Environment.AddRange(snapshot.EnvironmentVariables
            .Select(v => new EnvVar { Name = v.Name, Value = v.Value ?? "", IsFromSpec = v.IsFromSpec }));
        resource.Urls.AddRange(snapshot.Urls.Select((url, n) => new Link
        {
            EndpointName = url.Name ?? "",
            FullUrl = url.Url,
            IsInternal = url.IsInternal,
            IsInactive = snapshot.State?.Text != KnownResourceStates.Running,
            Display = new LinkDisplay { DisplayName = url.DisplayName, SortOrder = url.SortOrder - n },
        }));
        resource.Properties.AddRange(snapshot.Properties.Select(p => new Property { Name = p.Name, Value = ValueOf(p, nameOf), IsSensitive = p.IsSensitive }));
        if (snapshot.ExitCode is { } code)
            resource.Properties.Add(new Property { Name = "resource.exitCode", Value = Value.ForNumber(code) });
        resource.Relationships.AddRange(snapshot.Relationships.Select(r => new Relation { ResourceName = r.ResourceName, Type = r.Type }));
        resource.HealthReports.AddRange(snapshot.HealthReports.Select(HealthOf));
        if (instance.Log is not null)
            resource.Commands.AddRange(_commands.Select(c => CommandOf(c, snapshot.State?.Text)));
        return resource;
    }

    private static Command CommandOf((string Name, string Title, string Icon) command, string? state)
    {
        var down = state is null || state == KnownResourceStates.NotStarted || KnownResourceStates.TerminalStates.Contains(state);
        var possible = command.Name == "start" ? down : !down;
        return new()
        {
            Name = command.Name,
            DisplayName = command.Title,
            IconName = command.Icon,
            IconVariant = 1,
            IsHighlighted = command.Name != "restart",
            State = possible ? CommandState.Enabled : command.Name == "restart" ? CommandState.Disabled : CommandState.Hidden,
        };
    }

    private static Health HealthOf(HealthReportSnapshot report)
    {
        var health = new Health
        {
            Key = report.Name,
            Description = report.Description ?? "",
            Exception = report.ExceptionText ?? "",
            LastRunAt = Time(report.LastRunAt),
        };
        if (report.Status is { } status)
        {
            health.Status = status switch
            {
                Microsoft.Extensions.Diagnostics.HealthChecks.HealthStatus.Healthy => HealthStatus.Healthy,
                Microsoft.Extensions.Diagnostics.HealthChecks.HealthStatus.Degraded => HealthStatus.Degraded,
                _ => HealthStatus.Unhealthy,
            };
        }
        return health;
    }

    private static Value ValueOf(ResourcePropertySnapshot property, Func<string, string> nameOf) => property switch
    {
        { Name: _parentName, Value: string parent } => Value.ForString(nameOf(parent)),
        { Value: int number } => Value.ForNumber(number),
        { Value: null } => Value.ForNull(),
        _ => Value.ForString(property.Value.ToString() ?? ""),
    };

    private static Timestamp? Time(DateTime? time) => time is { } known ? Timestamp.FromDateTime(DateTime.SpecifyKind(known, DateTimeKind.Utc)) : null;
}
