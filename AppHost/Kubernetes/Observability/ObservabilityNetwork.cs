using TalentSphere.AppHost.Kubernetes.Policy;

namespace TalentSphere.AppHost.Kubernetes.Observability;

/// <summary>What watching needs of the network: Prometheus comes in, traces go to the collector and from there to Jaeger.</summary>
internal sealed class ObservabilityNetwork : IManifestSection
{
    private const int _metricsOfPostgres = 9187;
    private const int _metricsOfPooler = 9127;
    private const int _metricsOfRabbitMq = 15692;

    public IEnumerable<ManifestFile> Write(MeshModel mesh)
    {
        yield return new(
            "observability/network/scrape.yaml",
            [
                .. mesh.Workloads.Select(w => Scraped(w.Name, KubernetesNames.Selector(w.Name), KubernetesNames.Port)),
                .. mesh.Servers.SelectMany(s => s.Kind switch
                {
                    ServerKind.Postgres => [Scraped(s.Name, KubernetesNames.ClusterPodsOf(s), _metricsOfPostgres), Scraped(KubernetesNames.PoolerOf(s), KubernetesNames.PodsOf(s), _metricsOfPooler)],
                    ServerKind.RabbitMq => [Scraped(s.Name, KubernetesNames.PodsOf(s), _metricsOfRabbitMq)],
                    _ => Array.Empty<Map>(),
                }),
            ]);
        yield return Traces(mesh);
    }

    private static Map Scraped(string name, Map pods, int port) => NetworkEdge.Policy(
        $"{name}-scraped", labels: null, pods, ingress: NetworkEdge.Rule("from", Surroundings.Namespace(Surroundings.MonitoringNamespace), port));

    private static ManifestFile Traces(MeshModel mesh)
    {
        var collector = KubernetesNames.Selector(KubernetesNames.CollectorService);
        var entered = NetworkEdge.Rule("from", peer: null, KubernetesNames.CollectorPort);
        entered["from"] = mesh.Workloads.Select(w => NetworkEdge.Peer(KubernetesNames.Selector(w.Name)));
        return new(
            "observability/network/traces.yaml",
            [
                .. mesh.Workloads.Select(w => NetworkEdge.Policy(
                    $"{w.Name}-to-collector", labels: null, KubernetesNames.Selector(w.Name), egress: NetworkEdge.Rule("to", NetworkEdge.Peer(collector), KubernetesNames.CollectorPort))),
                NetworkEdge.Policy("collector-entered", labels: null, collector, ingress: entered),
                NetworkEdge.Policy("collector-to-tracing", labels: null, collector, egress: NetworkEdge.Rule("to", Surroundings.Namespace(Surroundings.TracingNamespace), KubernetesNames.CollectorPort)),
            ]);
    }
}
