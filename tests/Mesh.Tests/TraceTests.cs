using System.Diagnostics;
using System.Text.Json.Nodes;
using TalentSphere.TestKit;

namespace TalentSphere.Mesh.Tests;

/// <summary>One fact, one trace, from the door to the last consumer; read back from the real dashboard.</summary>
public sealed class TraceTests(MeshFixture mesh)
{
    [Fact]
    public async Task One_trace_spans_gateway_service_outbox_and_consumers()
    {
        var trace = ActivityTraceId.CreateRandom().ToHexString();
        using var client = mesh.Anonymous();
        client.DefaultRequestHeaders.Add("traceparent", $"00-{trace}-{ActivitySpanId.CreateRandom().ToHexString()}-01");
        var password = mesh.Keep("traced-and-not-logged-" + trace[..8], "a traced password");
        var email = $"traced.{trace}@mesh.talentsphere.example";
        var registered = await client.PostAsync("/api/v1/auth/register", new { email, password, name = "Traced" });
        registered.Data["user"].ShouldNotBeNull();

        using var dashboard = await DashboardApi.OpenAsync(mesh.Command);
        string[] expected =
        [
            "gateway: POST /api/v1/auth", "auth: POST /api/v1/auth/register", "auth: publish auth.user.registered", "gamification: gamification.events process",
            "gamification: publish gamification.points.awarded", "notification: notification.events process", "auth: postgresql",
        ];
        var spans = await Eventually.SeesAsync(
            () => dashboard.SpansAsync(trace), seen => Array.TrueForAll(expected, e => seen.Any(s => s.ToString().StartsWith(e, StringComparison.Ordinal))),
            $"spans of {string.Join(", ", expected)}", TimeSpan.FromSeconds(30));

        // One tree: everything but the first has its parent in the trace.
        var ids = spans.Select(s => s.Id).ToHashSet();
        spans.Where(s => !ids.Contains(s.Parent)).Select(s => s.Service).ShouldBe(["gateway"]);
        spans.Single(s => s.Name == "publish auth.user.registered").Parent.ShouldBe(spans.Single(s => s.Name == "POST /api/v1/auth/register").Id);
        spans.Where(s => s.Text.Contains(password, StringComparison.Ordinal)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Every_process_sends_traces_metrics_and_logs()
    {
        using var dashboard = await DashboardApi.OpenAsync(mesh.Command);
        using var client = mesh.Anonymous();
        string[] asked = ["auth/me", "challenges", "gamification/badges", "jobs", "courses", "notifications"];
        foreach (var path in asked)
            ((int)(await client.AskAsync("/api/v1/" + path)).Status).ShouldBeLessThan(500);
        string[] expected = ["auth", "challenges", "gamification", "gateway", "jobs", "lms", "notification"];
        await Eventually.SeesAsync(
            dashboard.ResourcesAsync,
            seen => Array.TrueForAll(
                expected, e => seen.Any(r => (string?)r!["name"] == e && (bool)r["hasLogs"]! && (bool)r["hasTraces"]! && (bool)r["hasMetrics"]!)),
            "traces, metrics and logs of " + string.Join(", ", expected), TimeSpan.FromSeconds(40));
    }
}

/// <summary>The dashboard's telemetry as JSON.</summary>
internal sealed class DashboardApi : IDisposable
{
    private readonly HttpClient _http;

    private DashboardApi(HttpClient http) => _http = http;

    public static async Task<DashboardApi> OpenAsync(MeshCommand mesh)
    {
        var status = await mesh.StatusAsync();
        // The key is in the environment of the dashboard itself, and nowhere on disk.
        var environment = await File.ReadAllTextAsync($"/proc/{status.Resources.Single(r => r.Name == "aspire-dashboard").Pid}/environ");
        var key = environment.Split('\0').Single(v => v.StartsWith("DASHBOARD__API__PRIMARYAPIKEY=", StringComparison.Ordinal));
        var http = new HttpClient { BaseAddress = new Uri(new Uri(status.Mesh.DashboardUrl!), "/api/telemetry/") };
        http.DefaultRequestHeaders.Add("x-api-key", key.Split('=', 2)[1]);
        return new(http);
    }

    public async Task<JsonArray> ResourcesAsync() => JsonNode.Parse(await _http.GetStringAsync("resources"))!.AsArray();

    /// <summary>Any document of it, as it is.</summary>
    public Task<string> ReadAsync(string address) => _http.GetStringAsync(address);

    public async Task<IReadOnlyList<Span>> SpansAsync(string trace)
    {
        using var response = await _http.GetAsync("traces/" + trace);
        // Nothing of it has arrived yet.
        if (!response.IsSuccessStatusCode)
            return [];
        var resources = JsonNode.Parse(await response.Content.ReadAsStringAsync())!["data"]!["resourceSpans"]!.AsArray();
        return [.. resources.SelectMany(r => r!["scopeSpans"]!.AsArray().SelectMany(s => s!["spans"]!.AsArray()).Select(s => Read(r, s!)))];
    }

    public void Dispose() => _http.Dispose();

    private static Span Read(JsonNode resource, JsonNode span) => new(
        resource["resource"]!["attributes"]!.AsArray().Single(a => (string?)a!["key"] == "service.name")!["value"]!["stringValue"]!.GetValue<string>(),
        span["name"]!.GetValue<string>(), span["spanId"]!.GetValue<string>(), span["parentSpanId"]?.GetValue<string>() ?? "", span.ToJsonString());

    /// <summary>A span, and all of it as text.</summary>
    internal sealed record Span(string Service, string Name, string Id, string Parent, string Text)
    {
        public override string ToString() => $"{Service}: {Name}";
    }
}
