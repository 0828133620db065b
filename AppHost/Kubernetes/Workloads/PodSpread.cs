namespace TalentSphere.AppHost.Kubernetes.Workloads;

/// <summary>Pods of one kind stand on different nodes and in different zones as far as there are any; a small cluster still takes them.</summary>
internal static class PodSpread
{
    public static IEnumerable<Map> Constraints(string name) => new[] { "kubernetes.io/hostname", "topology.kubernetes.io/zone" }.Select(key => new Map
    {
        ["maxSkew"] = 1,
        ["topologyKey"] = key,
        ["whenUnsatisfiable"] = "ScheduleAnyway",
        ["labelSelector"] = new Map { ["matchLabels"] = KubernetesNames.Selector(name) },
    });
}
