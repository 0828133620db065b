using TalentSphere.AppHost.Kubernetes.Graph;
using TalentSphere.AppHost.Kubernetes.Model;

namespace TalentSphere.AppHost.Tests.Publishing;

public sealed class MeshGraphTests
{
    private static Workload Workload(string name, string[] calls, string[]? publishes = null, string[]? hears = null) => new()
    {
        Name = name,
        Kind = WorkloadKind.Service,
        Project = $"Services/{name}/{name}.csproj",
        Settings = [],
        Probes = [],
        Calls = calls,
        Servers = [],
        WaitsFor = [],
        Publishes = publishes ?? [],
        Queue = hears is null ? null : new($"{name}.events", $"{name}.events.dlq", hears),
    };

    private static MeshModel Mesh(params Workload[] workloads) => new(workloads, [], []);

    [Fact]
    public void What_is_referred_to_starts_before_who_refers_to_it()
    {
        var graph = MeshGraph.Of(Mesh(Workload("c", ["a", "b"]), Workload("b", ["a"]), Workload("a", []), Workload("d", [])));
        graph.StartOrder.ShouldBe([["a", "d"], ["b"], ["c"]]);
        graph.ReferenceCycles.ShouldBeEmpty();
    }

    [Fact]
    public void A_circle_of_references_is_found_and_named_and_starts_as_one()
    {
        var graph = MeshGraph.Of(Mesh(Workload("a", ["b"]), Workload("b", ["c"]), Workload("c", ["a"]), Workload("outside", ["a"]), Workload("below", [])));
        graph.ReferenceCycles.ShouldBe([["a", "b", "c"]]);
        graph.StartOrder.ShouldBe([["a", "b", "below", "c"], ["outside"]]);
    }

    [Fact]
    public void Events_are_edges_of_their_own_kind_and_nobody_waits_for_them()
    {
        var graph = MeshGraph.Of(Mesh(Workload("a", [], ["a.x.y"], ["b.x.y"]), Workload("b", [], ["b.x.y", "b.x.z"], ["a.x.y"])));
        graph.Edges.ShouldAllBe(e => e.Kind == EdgeKind.Event);
        graph.Edges.Select(e => (e.From, e.To, Topics: string.Join(',', e.Topics))).ShouldBe([("a", "b", "a.x.y"), ("b", "a", "b.x.y")]);
        graph.ReferenceCycles.ShouldBeEmpty();
        graph.EventCycles.ShouldBe([["a", "b"]]);
        graph.StartOrder.ShouldBe([["a", "b"]]);
    }

    [Fact]
    public async Task Servers_start_first_and_the_gateway_last()
    {
        var graph = MeshGraph.Of(await SmallMesh.Usual().ReadAsync());
        graph.StartOrder.ShouldBe([["postgres", "rabbitmq", "redis", "worker"], ["auth"], ["lms"], ["gateway"]]);
    }
}
