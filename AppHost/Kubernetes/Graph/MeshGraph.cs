namespace TalentSphere.AppHost.Kubernetes.Graph;

/// <summary>Why one node depends on another.</summary>
internal enum EdgeKind
{
    /// <summary>It calls it, or connects to it.</summary>
    Reference,

    /// <summary>It hears what the other publishes. Nobody waits: the queue stands between them.</summary>
    Event,
}

/// <summary>A reference goes from who calls to who is called, an event from who publishes to who hears.</summary>
internal sealed record MeshEdge(string From, string To, EdgeKind Kind, IReadOnlyList<string> Topics);

/// <summary>Workloads and servers with what joins them, derived from the same model as the manifests.</summary>
internal sealed class MeshGraph
{
    private MeshGraph(IReadOnlyList<string> nodes, IReadOnlyList<MeshEdge> edges, IReadOnlyList<(string From, string To)> waits)
    {
        (Nodes, Edges) = (nodes, edges);
        var references = edges.Where(e => e.Kind == EdgeKind.Reference).Select(e => (e.From, e.To)).ToList();
        ReferenceCycles = CyclesOf(nodes, references);
        EventCycles = CyclesOf(nodes, [.. edges.Where(e => e.Kind == EdgeKind.Event).Select(e => (e.From, e.To))]);
        StartOrder = LevelsOf(nodes, [.. references.Concat(waits).Distinct()]);
    }

    public IReadOnlyList<string> Nodes { get; }

    public IReadOnlyList<MeshEdge> Edges { get; }

    /// <summary>Groups that all call each other, directly or through others; each sorted. There should be none.</summary>
    public IReadOnlyList<IReadOnlyList<string>> ReferenceCycles { get; }

    /// <summary>Groups that all hear of each other. Harmless as long as no event answers itself.</summary>
    public IReadOnlyList<IReadOnlyList<string>> EventCycles { get; }

    /// <summary>What may start together, level after level: everything that a node refers to or waits for is on an earlier level, or in a circle with it.</summary>
    public IReadOnlyList<IReadOnlyList<string>> StartOrder { get; }

    public static MeshGraph Of(MeshModel mesh)
    {
        var edges = new List<MeshEdge>();
        foreach (var workload in mesh.Workloads)
            edges.AddRange(workload.Calls.Concat(workload.Servers).Select(to => new MeshEdge(workload.Name, to, EdgeKind.Reference, [])));
        foreach (var publisher in mesh.Workloads)
        {
            foreach (var hearer in mesh.Workloads.Where(w => w.Name != publisher.Name && w.Queue is not null))
            {
                var topics = publisher.Publishes.Intersect(hearer.Queue!.Topics, StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
                if (topics.Count > 0)
                    edges.Add(new(publisher.Name, hearer.Name, EdgeKind.Event, topics));
            }
        }
        return new(
            [.. mesh.Workloads.Select(w => w.Name).Concat(mesh.Servers.Select(s => s.Name)).Order(StringComparer.Ordinal)],
            edges,
            [.. mesh.Workloads.SelectMany(w => w.WaitsFor.Select(n => (w.Name, n)))]);
    }

    private static List<IReadOnlyList<string>> CyclesOf(IReadOnlyList<string> nodes, IReadOnlyList<(string From, string To)> edges) =>
        [.. Components(nodes, edges).Where(c => c.Count > 1 || edges.Contains((c[0], c[0])))];

    /// <summary>Those that reach each other, each group sorted, groups by their first member. Quadratic, which a mesh of hundreds does not feel.</summary>
    private static List<IReadOnlyList<string>> Components(IReadOnlyList<string> nodes, IReadOnlyList<(string From, string To)> edges)
    {
        var reached = nodes.ToDictionary(n => n, n => Reach(n, edges), StringComparer.Ordinal);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var components = new List<IReadOnlyList<string>>();
        foreach (var node in nodes.Order(StringComparer.Ordinal).Where(seen.Add))
        {
            var group = nodes.Where(o => o == node || (reached[node].Contains(o) && reached[o].Contains(node))).Order(StringComparer.Ordinal).ToList();
            seen.UnionWith(group);
            components.Add(group);
        }
        return components;
    }

    private static HashSet<string> Reach(string from, IReadOnlyList<(string From, string To)> edges)
    {
        var reached = new HashSet<string>(StringComparer.Ordinal);
        var next = new Queue<string>([from]);
        while (next.TryDequeue(out var node))
        {
            foreach (var (_, to) in edges.Where(e => e.From == node && reached.Add(e.To)))
                next.Enqueue(to);
        }
        return reached;
    }

    private static List<IReadOnlyList<string>> LevelsOf(IReadOnlyList<string> nodes, IReadOnlyList<(string From, string To)> needs)
    {
        var groups = Components(nodes, needs);
        var groupOf = groups.SelectMany((g, i) => g.Select(n => (Node: n, Group: i))).ToDictionary(p => p.Node, p => p.Group, StringComparer.Ordinal);
        var level = new int?[groups.Count];
        int LevelOf(int group) => level[group] ??= needs.Where(n => groupOf[n.From] == group && groupOf[n.To] != group).Select(n => LevelOf(groupOf[n.To]) + 1).DefaultIfEmpty(0).Max();
        return [.. nodes.GroupBy(n => LevelOf(groupOf[n])).OrderBy(g => g.Key).Select(g => (IReadOnlyList<string>)[.. g.Order(StringComparer.Ordinal)])];
    }
}
