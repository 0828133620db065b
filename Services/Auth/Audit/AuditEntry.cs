namespace TalentSphere.Auth.Audit;

/// <summary>
/// One act. Rows are inserted and never changed (a trigger refuses it), numbered from 1 without a gap, and each one's hash covers the one before; what it says
/// about a person stands in <see cref="AuditOrigin"/>, of which it holds a commitment only.
/// </summary>
public sealed class AuditEntry
{
    /// <summary>The longest <see cref="Detail"/>, in characters.</summary>
    public const int MaxDetail = 200;

    /// <summary>Its place in the chain.</summary>
    public long Sequence { get; init; }

    /// <summary>UTC.</summary>
    public DateTime At { get; init; }

    /// <summary>One of <see cref="AuditActs"/>.</summary>
    public string Act { get; init; } = "";

    public AuditOutcome Outcome { get; init; }

    /// <summary>The account that did it; null for somebody unknown, and for the platform itself.</summary>
    public Guid? ActorId { get; init; }

    /// <summary>What it was done to: an account, a session, a key.</summary>
    public Guid? TargetId { get; init; }

    /// <summary>What else there is to know: names of roles, counts. Nothing personal, no secret.</summary>
    public string? Detail { get; init; }

    public string CorrelationId { get; init; } = "";

    /// <summary>Keyed digest of the salted origin: the origin can be blanked without breaking the chain, but not be exchanged for another.</summary>
    public byte[] Commitment { get; init; } = [];

    /// <summary>Keyed digest of all of the above and of the hash before.</summary>
    public byte[] Hash { get; init; } = [];
}

/// <summary>Where an act came from: the personal part of an entry. Blanked, salt and all, when its subject is erased, and changed in no other way.</summary>
public sealed class AuditOrigin
{
    public long Sequence { get; init; }

    /// <summary>Whose data this is; an id outlives its account.</summary>
    public Guid? SubjectId { get; init; }

    public string? IpAddress { get; init; }

    public string? UserAgent { get; init; }

    /// <summary>Keyed digest of the address that was typed in: one can be searched for, none can be read.</summary>
    public byte[]? EmailDigest { get; init; }

    /// <summary>Without it nobody, with whatever key, can try out what was here.</summary>
    public byte[]? Salt { get; init; }
}

/// <summary>The end of the chain: whoever appends takes turns on this row, and a chain that ends elsewhere was cut.</summary>
public sealed class AuditHead
{
    /// <summary>The only row's key.</summary>
    public const int TheOne = 1;

    public int Id { get; init; } = TheOne;

    public long Sequence { get; init; }

    public byte[] Hash { get; init; } = [];
}
