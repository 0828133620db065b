using System.Runtime.CompilerServices;

namespace TalentSphere.ServiceDefaults.Telemetry;

/// <summary>The few tags that tell a measurement's series, as a key that costs no memory.</summary>
internal struct TagValues : IEquatable<TagValues>
{
    /// <summary>The most tags that a key holds.</summary>
    public const int Capacity = 4;

    private Tags _tags;
    private int _count;
    private int _hash;

    /// <summary>Adds one; false when the key is full.</summary>
    public bool TryAdd(string key, object value)
    {
        if (_count == Capacity)
            return false;
        _tags[_count++] = new(key, value);
        _hash = HashCode.Combine(_hash, value);
        return true;
    }

    public readonly bool Equals(TagValues other)
    {
        if (_hash != other._hash || _count != other._count)
            return false;
        for (var i = 0; i < _count; i++)
        {
            if (_tags[i].Key != other._tags[i].Key || !_tags[i].Value.Equals(other._tags[i].Value))
                return false;
        }
        return true;
    }

    public override readonly bool Equals(object? obj) => obj is TagValues other && Equals(other);

    public override readonly int GetHashCode() => _hash;

    [InlineArray(Capacity)]
    private struct Tags
    {
        private KeyValuePair<string, object> _first;
    }
}
