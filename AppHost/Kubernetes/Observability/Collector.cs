using TalentSphere.AppHost.Kubernetes.Policy;

namespace TalentSphere.AppHost.Kubernetes.Observability;

/// <summary>
/// Takes the processes' traces to Jaeger. Their numbers are scraped and their log lines are read from the containers, so what of both comes over OTLP is
/// accepted and dropped: a refusal would make every process try again for ever.
/// </summary>
internal sealed class Collector : IManifestSection
{
    private const string _image = "otel/opentelemetry-collector-contrib:0.116.1";
    private const string _jaeger = "jaeger-collector";

    public IEnumerable<ManifestFile> Write(MeshModel mesh)
    {
        var collector = KubernetesNames.Document("opentelemetry.io/v1beta1", "OpenTelemetryCollector", KubernetesNames.Collector, Monitors.Labels("collector"));
        collector["spec"] = new Map
        {
            ["mode"] = "deployment",
            ["replicas"] = 2,
            ["image"] = _image,
            ["resources"] = new Map
            {
                ["requests"] = new Map { ["cpu"] = "100m", ["memory"] = "256Mi" },
                ["limits"] = new Map { ["cpu"] = "500m", ["memory"] = "512Mi" },
            },
            ["podSecurityContext"] = new Map
            {
                ["runAsNonRoot"] = true,
                ["runAsUser"] = KubernetesNames.User,
                ["runAsGroup"] = KubernetesNames.User,
                ["seccompProfile"] = new Map { ["type"] = "RuntimeDefault" },
            },
            ["securityContext"] = new Map
            {
                ["allowPrivilegeEscalation"] = false,
                ["readOnlyRootFilesystem"] = true,
                ["capabilities"] = new Map { ["drop"] = new[] { "ALL" } },
            },
            ["config"] = new Map
            {
                ["receivers"] = new Map
                {
                    ["otlp"] = new Map { ["protocols"] = new Map { ["grpc"] = new Map { ["endpoint"] = $"0.0.0.0:{Invariant.Text(KubernetesNames.CollectorPort)}" } } },
                },
                ["processors"] = new Map
                {
                    ["memory_limiter"] = new Map { ["check_interval"] = "1s", ["limit_percentage"] = 80, ["spike_limit_percentage"] = 20 },
                    ["batch"] = new Map { ["send_batch_size"] = 1024, ["timeout"] = "5s" },
                },
                ["exporters"] = new Map
                {
                    ["otlp/jaeger"] = new Map
                    {
                        ["endpoint"] = $"{_jaeger}.{Surroundings.TracingNamespace}.svc.cluster.local:{Invariant.Text(KubernetesNames.CollectorPort)}",
                        ["tls"] = new Map { ["insecure"] = true },
                        ["sending_queue"] = new Map { ["queue_size"] = 5000 },
                    },
                    ["nop"] = new Map(),
                },
                ["service"] = new Map
                {
                    ["pipelines"] = new Map
                    {
                        ["traces"] = Pipeline(["memory_limiter", "batch"], "otlp/jaeger"),
                        ["metrics"] = Pipeline([], "nop"),
                        ["logs"] = Pipeline([], "nop"),
                    },
                },
            },
        };
        yield return new("observability/collector/collector.yaml", collector);
    }

    private static Map Pipeline(string[] processors, string exporter) => new() { ["receivers"] = new[] { "otlp" }, ["processors"] = processors, ["exporters"] = new[] { exporter } };
}
