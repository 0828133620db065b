using TalentSphere.AppHost.Kubernetes.Policy;

namespace TalentSphere.AppHost.Kubernetes.Observability;

/// <summary>
/// What Prometheus scrapes: <c>/metrics</c> of every process and the exporters of the servers. The processes take nothing but mutual TLS, so Prometheus comes
/// with a certificate of the service mesh, which a proxy beside it writes to <c>/etc/prom-certs</c>.
/// </summary>
internal sealed class Monitors : IManifestSection
{
    private const string _certificates = "/etc/prom-certs";

    public static Map Labels(string name) => KubernetesNames.Labels(name, "observability");

    public IEnumerable<ManifestFile> Write(MeshModel mesh)
    {
        foreach (var workload in mesh.Workloads)
        {
            var monitor = KubernetesNames.Document("monitoring.coreos.com/v1", "ServiceMonitor", workload.Name, Labels(workload.Name));
            monitor["spec"] = new Map
            {
                ["selector"] = new Map { ["matchLabels"] = KubernetesNames.Selector(workload.Name) },
                ["endpoints"] = new[]
                {
                    new Map
                    {
                        ["port"] = KubernetesNames.PortName,
                        ["path"] = "/metrics",
                        ["interval"] = "15s",
                        ["scrapeTimeout"] = "10s",
                        ["scheme"] = "https",
                        ["tlsConfig"] = new Map
                        {
                            ["caFile"] = $"{_certificates}/root-cert.pem",
                            ["certFile"] = $"{_certificates}/cert-chain.pem",
                            ["keyFile"] = $"{_certificates}/key.pem",
                            // The proxy's certificate names an account and no host; the authority is checked all the same.
                            ["insecureSkipVerify"] = true,
                        },
                    },
                },
            };
            yield return new($"observability/monitors/{workload.Name}.yaml", monitor);
        }
        foreach (var server in mesh.Servers)
        {
            foreach (var (name, pods, port) in ExportersOf(server))
            {
                var monitor = KubernetesNames.Document("monitoring.coreos.com/v1", "PodMonitor", name, Labels(name));
                monitor["spec"] = new Map
                {
                    ["selector"] = new Map { ["matchLabels"] = pods },
                    ["podMetricsEndpoints"] = new[] { new Map { ["port"] = port, ["interval"] = "30s" } },
                };
                yield return new($"observability/monitors/{name}.yaml", monitor);
            }
        }
    }

    private static IEnumerable<(string Name, Map Pods, string Port)> ExportersOf(Server server) => server.Kind switch
    {
        ServerKind.Postgres => [($"{server.Name}-cluster", KubernetesNames.ClusterPodsOf(server), "metrics"), (KubernetesNames.PoolerOf(server), KubernetesNames.PodsOf(server), "metrics")],
        ServerKind.RabbitMq => [(server.Name, KubernetesNames.PodsOf(server), "prometheus")],
        _ => [],
    };
}
