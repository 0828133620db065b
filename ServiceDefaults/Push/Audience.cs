using System.Collections.Concurrent;
using System.Collections.Immutable;

namespace TalentSphere.ServiceDefaults.Push;

/// <summary>Who is connected to this replica: what is for anybody else costs nothing here.</summary>
public sealed class Audience
{
    /// <summary>The most connections of one person on one replica: tabs and devices, not a flood.</summary>
    public const int MaxConnections = 20;

    private readonly ConcurrentDictionary<Guid, ImmutableHashSet<string>> _connections = new();

    /// <summary>True when the person has a connection here.</summary>
    public bool Contains(Guid userId) => _connections.ContainsKey(userId);

    /// <summary>False when the person has as many connections as are allowed.</summary>
    public bool TryEnter(Guid userId, string connectionId)
    {
        while (true)
        {
            if (!_connections.TryGetValue(userId, out var before))
            {
                if (_connections.TryAdd(userId, [connectionId]))
                    return true;
            }
            else if (before.Count >= MaxConnections)
            {
                return false;
            }
            else if (_connections.TryUpdate(userId, before.Add(connectionId), before))
            {
                return true;
            }
        }
    }

    /// <summary>Forgets a connection.</summary>
    public void Leave(Guid userId, string connectionId)
    {
        while (_connections.TryGetValue(userId, out var before))
        {
            var after = before.Remove(connectionId);
            if (after.IsEmpty ? _connections.TryRemove(new(userId, before)) : _connections.TryUpdate(userId, after, before))
                return;
        }
    }
}
