namespace TalentSphere.AppHost.Kubernetes.Observability;

/// <summary>The alerts as Prometheus' operator takes them. Each names its runbook.</summary>
internal sealed class AlertRules : IManifestSection
{
    /// <summary>Where the guide can be read.</summary>
    public const string Guide = "https://github.com/talentsphere/talentsphere/blob/main/k8s/README.md";

    public IEnumerable<ManifestFile> Write(MeshModel mesh)
    {
        var rule = KubernetesNames.Document("monitoring.coreos.com/v1", "PrometheusRule", "talentsphere", Monitors.Labels("alerts"));
        rule["spec"] = new Map
        {
            ["groups"] = new[] { new Map { ["name"] = "talentsphere", ["interval"] = "30s", ["rules"] = Alerts.Of(mesh).Select(Rule) } },
        };
        yield return new("observability/rules/alerts.yaml", rule);
    }

    private static Map Rule(Alert alert) => new()
    {
        ["alert"] = alert.Name,
        ["expr"] = alert.Expression,
        ["for"] = alert.For,
        ["labels"] = new Map { ["severity"] = alert.Severity },
        ["annotations"] = new Map { ["summary"] = alert.Summary, ["description"] = alert.Meaning, ["runbook_url"] = $"{Guide}#{alert.Anchor}" },
    };
}
