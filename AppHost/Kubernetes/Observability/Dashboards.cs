using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace TalentSphere.AppHost.Kubernetes.Observability;

/// <summary>What people look at: the services by their requests, the events by their way, the servers behind them.</summary>
internal sealed class Dashboards : IManifestSection
{
    private const string _space = $"namespace=\"{KubernetesNames.Namespace}\"";
    private const string _chosen = $"{_space},service=~\"$service\"";

    private static readonly JsonSerializerOptions _written = new() { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public IEnumerable<ManifestFile> Write(MeshModel mesh)
    {
        yield return Dashboard("services", "Services", [.. mesh.Workloads.Select(w => w.Name)],
        [
            new("Requests a second", "reqps", $"sum by (service) (rate(http_requests_total{{{_chosen}}}[5m]))", "{{service}}"),
            new("Requests that failed", "percentunit", Alerts.Errors("5m"), "{{service}}"),
            new("95 of 100 requests take up to", "s", Alerts.Latency("0.95", "5m"), "{{service}}"),
            new("99 of 100 requests take up to", "s", Alerts.Latency("0.99", "5m"), "{{service}}"),
            new("Slowest routes", "s", $"topk(10, histogram_quantile(0.95, sum by (service, route, le) (rate(http_request_duration_seconds_bucket{{{_chosen}}}[5m]))))", "{{service}} {{route}}"),
            new("Answers by status", "reqps", $"sum by (status) (rate(http_requests_total{{{_chosen}}}[5m]))", "{{status}}"),
            new("Requests under way", "short", $"sum by (service) (http_requests_in_flight{{{_chosen}}})", "{{service}}"),
            new("Pods that answer", "short", $"sum by (service) (up{{{_chosen}}})", "{{service}}"),
        ]);
        yield return Dashboard("events", "Events", [.. mesh.Workloads.Where(w => w.Publishes.Count > 0 || w.Queue is not null).Select(w => w.Name)],
        [
            new("Published a second", "ops", $"sum by (service) (rate(outbox_published_total{{{_chosen}}}[5m]))", "{{service}}"),
            new("Waiting to be published", "short", $"max by (service) (outbox_pending{{{_chosen}}})", "{{service}}"),
            new("Age of the oldest that waits", "s", $"max by (service) (outbox_oldest_seconds{{{_chosen}}})", "{{service}}"),
            new("Set aside", "short", $"max by (service) (outbox_set_aside{{{_chosen}}})", "{{service}}"),
            new("Heard a second", "ops", $"sum by (service, outcome) (rate(queue_messages_processed_total{{{_chosen}}}[5m]))", "{{service}} {{outcome}}"),
            new("Dead letters", "short", $"max by (service) (queue_dead_letters{{{_chosen}}})", "{{service}}"),
        ]);
        yield return Dashboard("data", "Data", [.. mesh.Workloads.Where(w => w.Servers.Count > 0).Select(w => w.Name)],
        [
            new("95 of 100 queries take up to", "s", $"histogram_quantile(0.95, sum by (service, le) (rate(db_query_duration_seconds_bucket{{{_chosen}}}[5m])))", "{{service}}"),
            new("Queries a second", "ops", $"sum by (service) (rate(db_query_duration_seconds_count{{{_chosen}}}[5m]))", "{{service}}"),
            new("What caches answer", "percentunit",
                $"sum by (cache) (rate(cache_hits_total{{{_chosen}}}[5m])) / (sum by (cache) (rate(cache_hits_total{{{_chosen}}}[5m])) + sum by (cache) (rate(cache_misses_total{{{_chosen}}}[5m])))",
                "{{cache}}"),
        ]);
    }

    private static ManifestFile Dashboard(string name, string title, IReadOnlyList<string> services, IReadOnlyList<Panel> panels)
    {
        var json = new JsonObject
        {
            ["uid"] = $"talentsphere-{name}",
            ["title"] = $"TalentSphere: {title}",
            ["tags"] = new JsonArray("talentsphere"),
            ["schemaVersion"] = 39,
            ["refresh"] = "30s",
            ["time"] = new JsonObject { ["from"] = "now-1h", ["to"] = "now" },
            ["templating"] = new JsonObject
            {
                ["list"] = new JsonArray(new JsonObject
                {
                    ["name"] = "service",
                    ["label"] = "Service",
                    ["type"] = "custom",
                    ["query"] = string.Join(',', services),
                    ["multi"] = true,
                    ["includeAll"] = true,
                    ["current"] = new JsonObject { ["text"] = "All", ["value"] = "$__all" },
                }),
            },
            ["panels"] = new JsonArray([.. panels.Select((p, i) => p.Json(i))]),
        };
        var dashboard = KubernetesNames.Document("grafana.integreatly.org/v1beta1", "GrafanaDashboard", name, Monitors.Labels(name));
        dashboard["spec"] = new Map
        {
            ["instanceSelector"] = new Map { ["matchLabels"] = new Map { ["dashboards"] = "grafana" } },
            ["allowCrossNamespaceImport"] = true,
            ["folder"] = "TalentSphere",
            ["resyncPeriod"] = "10m",
            ["json"] = json.ToJsonString(_written),
        };
        return new($"observability/dashboards/{name}.yaml", dashboard);
    }

    /// <summary>One picture: two beside each other.</summary>
    private sealed record Panel(string Title, string Unit, string Expression, string Legend)
    {
        private static JsonObject Source => new() { ["type"] = "prometheus", ["uid"] = "prometheus" };

        public JsonNode Json(int index) => new JsonObject
        {
            ["id"] = index + 1,
            ["type"] = "timeseries",
            ["title"] = Title,
            ["datasource"] = Source,
            ["gridPos"] = new JsonObject { ["h"] = 8, ["w"] = 12, ["x"] = index % 2 * 12, ["y"] = index / 2 * 8 },
            ["fieldConfig"] = new JsonObject { ["defaults"] = new JsonObject { ["unit"] = Unit, ["min"] = 0 }, ["overrides"] = new JsonArray() },
            ["targets"] = new JsonArray(new JsonObject { ["refId"] = "A", ["datasource"] = Source, ["expr"] = Expression, ["legendFormat"] = Legend }),
        };
    }
}
