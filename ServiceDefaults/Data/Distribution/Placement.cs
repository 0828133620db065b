namespace TalentSphere.ServiceDefaults.Data;

/// <summary>Where the rows of a table lie once its database has several nodes. On one node it changes nothing.</summary>
public abstract record Placement
{
    private Placement()
    {
    }

    /// <summary>Each row on the node that the hash of one column chooses; rows with the same value lie together.</summary>
    /// <param name="Property">The property behind that column.</param>
    public sealed record Distributed(string Property) : Placement;

    /// <summary>Every row on every node: read and joined anywhere, written everywhere.</summary>
    public sealed record Reference : Placement;

    /// <summary>All rows on the coordinator.</summary>
    /// <param name="Reason">What keeps them there.</param>
    public sealed record Local(string Reason) : Placement;
}
