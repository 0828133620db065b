using TalentSphere.Gateway.Edge.Routing;

namespace TalentSphere.Gateway.Tests.Routing;

/// <summary>Consistent hashing: who comes and who goes moves its own share of the keys and no other.</summary>
public sealed class HashRingTests
{
    private const int _keys = 20_000;

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(10)]
    public void A_node_that_joins_takes_its_share_and_nothing_else_moves(int before)
    {
        var (old, grown) = (Owners(Nodes(before)), Owners(Nodes(before + 1)));
        var moved = Enumerable.Range(0, _keys).Where(k => old[k] != grown[k]).ToList();
        moved.ShouldAllBe(k => grown[k] == $"http://node-{before}");
        moved.Count.ShouldBeInRange(1, Share(before + 1));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(10)]
    public void A_node_that_leaves_gives_up_its_keys_and_nothing_else_moves(int before)
    {
        var (old, shrunk) = (Owners(Nodes(before)), Owners([.. Nodes(before).Skip(1)]));
        var moved = Enumerable.Range(0, _keys).Where(k => old[k] != shrunk[k]).ToList();
        moved.ShouldAllBe(k => old[k] == "http://node-0");
        moved.Count.ShouldBeInRange(1, Share(before));
    }

    [Fact]
    public void A_node_that_may_not_be_used_is_stepped_over_as_if_it_had_left()
    {
        var nodes = Nodes(5);
        var ring = new HashRing(nodes);
        var without = Owners([.. nodes.Where(n => n != "http://node-2")]);
        for (var k = 0; k < _keys; k++)
            nodes[ring.Find(Key(k), static (node, _) => node != 2, 0)].ShouldBe(without[k]);
    }

    [Fact]
    public void The_order_of_the_nodes_does_not_matter() => Owners(Nodes(4)).ShouldBe(Owners([.. Nodes(4).Reverse()]));

    [Fact]
    public void Every_release_agrees_on_where_a_key_belongs() =>
        // SHA-256 of the key, the first eight bytes.
        HashRing.Hash("room-1").ShouldBe(Convert.ToUInt64("2cb5ddf410150fdf", 16));

    [Fact]
    public void Without_a_node_that_may_be_used_there_is_none()
    {
        new HashRing(Nodes(3)).Find(Key(1), static (_, _) => false, 0).ShouldBe(-1);
        new HashRing([]).Find(Key(1), static (_, _) => true, 0).ShouldBe(-1);
    }

    [Fact]
    public void Keys_are_spread_evenly()
    {
        foreach (var share in Owners(Nodes(4)).GroupBy(o => o))
            share.Count().ShouldBeInRange(_keys / 4 * 3 / 4, _keys / 4 * 5 / 4);
    }

    /// <summary>1/N of the keys, and what chance may add with 150 points a node.</summary>
    private static int Share(int nodes) => (int)(_keys / (double)nodes * 1.25);

    private static ulong Key(int k) => HashRing.Hash($"user-{k}");

    private static string[] Nodes(int count) => [.. Enumerable.Range(0, count).Select(i => $"http://node-{i}")];

    private static string[] Owners(string[] nodes)
    {
        var ring = new HashRing(nodes);
        return [.. Enumerable.Range(0, _keys).Select(k => nodes[ring.Find(Key(k), static (_, _) => true, 0)])];
    }
}
