namespace TalentSphere.Gateway.Edge.Resilience;

/// <summary>What a forwarded request tells about its upstream.</summary>
internal enum UpstreamOutcome
{
    /// <summary>It answered. Whatever its status: an answer of the service's own is the service at work.</summary>
    Answered,

    /// <summary>Nothing: the client hung up or stalled, or the answer ended early when it was under way to a client that may have been the slow one.</summary>
    Unknown,

    /// <summary>No connection.</summary>
    Away,

    /// <summary>The connection ended before the answer did, or something in the service's place said that it is not there.</summary>
    Broken,

    /// <summary>No answer in time.</summary>
    TooSlow,

    /// <summary>What came is no HTTP, or more than is taken.</summary>
    Invalid,
}
