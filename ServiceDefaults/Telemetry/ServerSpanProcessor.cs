using System.Diagnostics;
using OpenTelemetry;

namespace TalentSphere.ServiceDefaults.Telemetry;

/// <summary>Keeps probes out of the traces: they come every few seconds and say nothing.</summary>
internal sealed class ServerSpanProcessor : BaseProcessor<Activity>
{
    private static readonly HashSet<string> _probes = ["/health", "/health/live", "/api/health", "/ready", "/health/ready", "/health/startup", "/metrics"];

    public override void OnEnd(Activity data)
    {
        if (data.Kind == ActivityKind.Server && data.GetTagItem("url.path") is string path && _probes.Contains(path))
            data.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded;
    }
}
