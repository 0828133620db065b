using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace TalentSphere.AppHost.Kubernetes.Graph;

/// <summary>The graph as Mermaid, for people, and as JSON, for programs.</summary>
internal static class GraphText
{
    private static readonly JsonSerializerOptions _json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>References are lines, events dotted lines with the keys behind their publisher's name; cycles and start order stand in comments.</summary>
    public static string Mermaid(MeshModel mesh)
    {
        var graph = MeshGraph.Of(mesh);
        var text = new StringBuilder("flowchart LR\n");
        foreach (var workload in mesh.Workloads)
            text.Append("    ").Append(workload.Name).Append(Shape(workload)).Append('\n');
        foreach (var server in mesh.Servers)
            text.Append("    ").Append(server.Name).Append(server.Kind == ServerKind.RabbitMq ? $"{{{{{server.Name}: {mesh.Exchange}}}}}" : $"[({server.Name})]").Append('\n');

        // Those that refer to the same are one line.
        foreach (var same in mesh.Workloads.Where(w => w.Calls.Count > 0).GroupBy(w => string.Join(" & ", w.Calls), StringComparer.Ordinal))
            text.Append("    ").Append(string.Join(" & ", same.Select(w => w.Name))).Append(" --> ").Append(same.Key).Append('\n');
        foreach (var same in mesh.Workloads.Where(w => w.Servers.Count > 0).GroupBy(w => string.Join(" & ", w.Servers), StringComparer.Ordinal))
            text.Append("    ").Append(string.Join(" & ", same.Select(w => w.Name))).Append(" --> ").Append(same.Key).Append('\n');
        foreach (var publisher in mesh.Workloads)
        {
            var heard = graph.Edges.Where(e => e.Kind == EdgeKind.Event && e.From == publisher.Name).SelectMany(e => e.Topics.Select(t => (Topic: t, e.To)))
                .GroupBy(h => h.Topic, StringComparer.Ordinal).Select(t => (Topic: t.Key, To: string.Join(" & ", t.Select(h => h.To))));
            foreach (var same in heard.GroupBy(h => h.To, StringComparer.Ordinal).OrderBy(g => g.Key, StringComparer.Ordinal))
            {
                var topics = same.Select(h => Short(h.Topic, publisher.Name)).Order(StringComparer.Ordinal);
                text.Append("    ").Append(publisher.Name).Append(" -. \"").AppendJoin("<br/>", topics).Append("\" .-> ").Append(same.Key).Append('\n');
            }
        }
        text.Append("    %% Start order: ").AppendJoin("; then ", graph.StartOrder.Select(level => string.Join(", ", level))).Append('\n');
        text.Append("    %% References that go in circles: ").Append(Circles(graph.ReferenceCycles)).Append('\n');
        text.Append("    %% Services that hear of each other: ").Append(Circles(graph.EventCycles)).Append('\n');
        return text.ToString();
    }

    public static string Json(MeshModel mesh)
    {
        var graph = MeshGraph.Of(mesh);
        var kinds = mesh.Workloads.ToDictionary(w => w.Name, w => KubernetesNames.ComponentOf(w.Kind), StringComparer.Ordinal);
        foreach (var server in mesh.Servers)
            kinds[server.Name] = server.Kind.ToString().ToLowerInvariant();
        return JsonSerializer.Serialize(
            new
            {
                Nodes = graph.Nodes.Select(n => new { Name = n, Kind = kinds[n] }),
                Edges = graph.Edges.Select(e => new { e.From, e.To, Kind = e.Kind.ToString().ToLowerInvariant(), e.Topics }),
                Cycles = new { References = graph.ReferenceCycles, Events = graph.EventCycles },
                graph.StartOrder,
            },
            _json) + "\n";
    }

    private static string Shape(Workload workload) => workload.Kind switch
    {
        WorkloadKind.Gateway => $"([{workload.Name}])",
        WorkloadKind.Worker => $"[[{workload.Name}]]",
        _ => $"[{workload.Name}]",
    };

    private static string Short(string topic, string publisher) => topic.StartsWith(publisher + ".", StringComparison.Ordinal) ? topic[(publisher.Length + 1)..] : topic;

    private static string Circles(IReadOnlyList<IReadOnlyList<string>> cycles) => cycles.Count == 0 ? "none" : string.Join("; ", cycles.Select(c => string.Join(", ", c)));
}
