using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace TalentSphere.Gateway.Edge.Routing;

/// <summary>
/// Consistent hashing (Karger et al., "Consistent Hashing and Random Trees", STOC 1997): each node has many points on a circle, and a key belongs to the node of the next
/// point. A node that joins or leaves moves only its own share of the keys. Hashes are SHA-256, so that every replica of the gateway, in any release, agrees.
/// </summary>
internal sealed class HashRing
{
    /// <summary>Points of each node: the shares of three nodes then differ by some tenth.</summary>
    public const int PointsPerNode = 150;

    private const int _stackBytes = 512;

    private readonly ulong[] _points;
    private readonly int[] _owners;

    public HashRing(IReadOnlyList<string> nodes)
    {
        _points = new ulong[nodes.Count * PointsPerNode];
        _owners = new int[_points.Length];
        for (var node = 0; node < nodes.Count; node++)
        {
            for (var i = 0; i < PointsPerNode; i++)
            {
                _points[(node * PointsPerNode) + i] = Hash($"{nodes[node]}#{i}");
                _owners[(node * PointsPerNode) + i] = node;
            }
        }
        Array.Sort(_points, _owners);
    }

    /// <summary>The place of a key on the circle.</summary>
    public static ulong Hash(ReadOnlySpan<char> key)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        var length = Encoding.UTF8.GetMaxByteCount(key.Length);
        Span<byte> bytes = length <= _stackBytes ? stackalloc byte[_stackBytes] : new byte[length];
        SHA256.HashData(bytes[..Encoding.UTF8.GetBytes(key, bytes)], digest);
        return BinaryPrimitives.ReadUInt64BigEndian(digest);
    }

    /// <summary>The node that a key belongs to among those that may be used: where its own may not, the next on the circle.</summary>
    /// <returns>The node's place in the list that the ring was made of; -1 when none may be used.</returns>
    public int Find<TState>(ulong key, Func<int, TState, bool> mayUse, TState state)
    {
        var found = Array.BinarySearch(_points, key);
        var start = found < 0 ? ~found : found;
        // Bit by bit, whom it was asked about; a node has many points. More than 64 replicas are asked again and again, which is only slower.
        ulong refused = 0;
        for (var i = 0; i < _points.Length; i++)
        {
            var node = _owners[(start + i) % _points.Length];
            var bit = node < 64 ? 1UL << node : 0;
            if ((refused & bit) != 0)
                continue;
            if (mayUse(node, state))
                return node;
            refused |= bit;
        }
        return -1;
    }
}
