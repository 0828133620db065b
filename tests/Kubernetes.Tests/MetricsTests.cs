using System.Diagnostics.Metrics;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using TalentSphere.AppHost.Kubernetes.Observability;
using TalentSphere.ServiceDefaults.Caching;
using TalentSphere.ServiceDefaults.Messaging;
using TalentSphere.ServiceDefaults.Telemetry;

namespace TalentSphere.Kubernetes.Tests;

/// <summary>Alerts and dashboards ask for what the processes report, in words that Prometheus understands.</summary>
public sealed partial class MetricsTests
{
    /// <summary>What Prometheus makes itself.</summary>
    private static readonly HashSet<string> _prometheus = ["up"];

    /// <summary>Words of the language.</summary>
    private static readonly HashSet<string> _words =
    [
        "sum", "max", "min", "avg", "count", "topk", "by", "without", "rate", "increase", "histogram_quantile", "absent", "and", "or", "unless", "on", "ignoring", "vector", "clamp_max",
    ];

    [Fact]
    public async Task Every_metric_that_is_asked_for_is_one_that_the_processes_report()
    {
        var reported = Reported();
        reported.ShouldContain("http_requests_total");
        reported.ShouldContain("outbox_pending");

        foreach (var (where, expression) in await ExpressionsAsync())
        {
            var asked = NamesIn(expression).ToList();
            asked.ShouldNotBeEmpty($"{where}: {expression}");
            foreach (var name in asked)
                (_prometheus.Contains(name) || reported.Contains(name)).ShouldBeTrue($"{where} asks for {name}, which no process reports");
        }
    }

    [Fact]
    public void A_misspelt_metric_is_noticed() => NamesIn("""sum by (service) (rate(http_request_total{namespace="talentsphere",status=~"5.."}[5m])) > 1""").ShouldBe(["http_request_total"]);

    [Fact]
    public async Task Prometheus_itself_understands_every_rule_and_every_expression_of_a_dashboard()
    {
        if (Checkout.Program("promtool") is not { } promtool)
        {
            const string missing = "Not here: promtool (Debian's package prometheus). No expression was checked by Prometheus itself.";
            if (Checkout.IsCi)
                Assert.Fail(missing);
            Assert.Skip(missing);
            return;
        }
        var file = Path.Combine(Path.GetTempPath(), $"talentsphere-rules-{Guid.CreateVersion7():n}.yaml");
        try
        {
            var rules = (await ExpressionsAsync()).Select((e, i) => new JsonObject { ["record"] = $"checked:{i}", ["expr"] = e.Expression });
            // JSON is YAML.
            JsonNode[] groups =
            [
                new JsonObject { ["name"] = "expressions", ["rules"] = new JsonArray([.. rules]) },
                .. (await Overlays.GetAsync("prod")).OfKind("PrometheusRule").SelectMany(r => r.Spec.List("groups")).Select(g => g.DeepClone()),
            ];
            await File.WriteAllTextAsync(file, new JsonObject { ["groups"] = new JsonArray(groups) }.ToJsonString(), TestContext.Current.CancellationToken);
            var (exitCode, output, errors) = await Checkout.RunAsync(promtool, "check", "rules", file);
            exitCode.ShouldBe(0, output + errors);

            await File.WriteAllTextAsync(file, """{"groups":[{"name":"x","rules":[{"record":"a","expr":"sum by (service (up)"}]}]}""", TestContext.Current.CancellationToken);
            (await Checkout.RunAsync(promtool, "check", "rules", file)).ExitCode.ShouldNotBe(0, "promtool takes everything");
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task Every_alert_says_who_gets_up_and_where_its_runbook_stands()
    {
        var guide = await File.ReadAllTextAsync(Path.Combine(Checkout.Manifests, "README.md"), TestContext.Current.CancellationToken);
        var anchors = guide.Split('\n').Where(l => l.StartsWith('#')).Select(GuideTests.Anchor).ToHashSet();
        var rules = (await Overlays.GetAsync("prod")).OfKind("PrometheusRule").SelectMany(r => r.Spec.List("groups")).SelectMany(g => g.List("rules")).ToList();

        rules.Count.ShouldBe(Alerts.Of((await AppModel.RealAsync()).Mesh).Count);
        foreach (var rule in rules)
        {
            rule.Text("labels", "severity").ShouldBeOneOf("critical", "warning");
            rule.Text("for").ShouldNotBeNull();
            var runbook = rule.Text("annotations", "runbook_url")!;
            anchors.ShouldContain(runbook[(runbook.IndexOf('#') + 1)..], rule.Text("alert"));
        }
        rules.Select(r => r.Text("alert")).ShouldBeUnique();
    }

    /// <summary>What a process' /metrics can hold: every instrument is made as the process makes it, used once, and written out.</summary>
    private static HashSet<string> Reported()
    {
        using var metrics = new PrometheusMetrics();
        using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var messaging = new MessagingMetrics(services.GetRequiredService<IMeterFactory>(), TimeProvider.System);
        messaging.Waiting(new(1, DateTimeOffset.UnixEpoch, 0));
        messaging.DeadLetters(0);
        messaging.Published(1);
        messaging.Processed("a.b.c", "applied");
        CacheMetrics.Hit("test");
        CacheMetrics.Miss("test");
        using var framework = new Meter("Microsoft.AspNetCore.Hosting");
        framework.CreateHistogram<double>("http.server.request.duration").Record(0.1);
        framework.CreateUpDownCounter<long>("http.server.active_requests").Add(1);
        using var npgsql = new Meter("Npgsql");
        npgsql.CreateHistogram<double>("db.client.operation.duration").Record(0.1);
        return [.. metrics.Write().Split('\n').Where(l => l.Length > 0 && l[0] != '#').Select(l => l[..l.IndexOfAny(['{', ' '])])];
    }

    private static async Task<IReadOnlyList<(string Where, string Expression)>> ExpressionsAsync()
    {
        var set = await Overlays.GetAsync("prod");
        var expressions = set.OfKind("PrometheusRule").SelectMany(r => r.Spec.List("groups")).SelectMany(g => g.List("rules")).Select(r => (r.Text("alert")!, r.Text("expr")!)).ToList();
        expressions.ShouldNotBeEmpty();
        foreach (var dashboard in set.OfKind("GrafanaDashboard"))
        {
            var panels = JsonNode.Parse(dashboard.Spec.Text("json")!).List("panels");
            panels.ShouldNotBeEmpty(dashboard.Name);
            // Grafana puts the chosen services in before Prometheus sees it.
            expressions.AddRange(panels.SelectMany(p => p.List("targets").Select(t => ($"{dashboard.Name}: {p.Text("title")}", t.Text("expr")!.Replace("$service", "lms|jobs")))));
        }
        return expressions;
    }

    /// <summary>The metrics in an expression: what is neither a word of the language nor a label.</summary>
    private static IEnumerable<string> NamesIn(string expression)
    {
        var bare = Grouping().Replace(Selector().Replace(expression, ""), "");
        return Name().Matches(bare).Select(m => m.Value).Where(n => !_words.Contains(n)).Distinct();
    }

    [GeneratedRegex(@"\{[^}]*\}|\[[^\]]*\]")]
    private static partial Regex Selector();

    [GeneratedRegex(@"\b(by|without|on|ignoring)\s*\([^)]*\)")]
    private static partial Regex Grouping();

    [GeneratedRegex("[a-zA-Z_:][a-zA-Z0-9_:]*")]
    private static partial Regex Name();
}
