#pragma warning disable ASPIREPROBES001 // Probes are what the manifests are made of.
namespace TalentSphere.AppHost.Kubernetes.Workloads;

/// <summary>The probes that the model names. The scheme is in upper case, as an API server wants it.</summary>
internal static class WorkloadProbes
{
    public static Map Of(Workload workload, ProbeType type)
    {
        var probe = workload.Probes.LastOrDefault(p => p.Type == type)
            ?? throw new DistributedApplicationException($"'{workload.Name}' has no {type} probe: no pod goes without one.");
        return new()
        {
            ["httpGet"] = new Map { ["path"] = probe.Path, ["port"] = probe.Endpoint, ["scheme"] = "HTTP" },
            ["initialDelaySeconds"] = probe.InitialDelay,
            ["periodSeconds"] = probe.Period,
            ["timeoutSeconds"] = probe.Timeout,
            ["failureThreshold"] = probe.Failures,
            ["successThreshold"] = probe.Successes,
        };
    }
}
