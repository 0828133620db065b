namespace TalentSphere.AppHost.Kubernetes.Workloads;

/// <summary>What a pod is promised and what it may take.</summary>
internal static class PodResources
{
    public static Map Of(Workload workload) => workload.Kind switch
    {
        // A worker compiles and runs programs: it needs processors more than anybody else, and memory for one box each.
        WorkloadKind.Worker => Bounds("1", "1Gi", "2", "2Gi"),
        _ => Bounds("250m", "256Mi", "500m", "512Mi"),
    };

    public static Map Bounds(string cpu, string memory, string cpuLimit, string memoryLimit) => new()
    {
        ["requests"] = new Map { ["cpu"] = cpu, ["memory"] = memory },
        ["limits"] = new Map { ["cpu"] = cpuLimit, ["memory"] = memoryLimit },
    };
}
