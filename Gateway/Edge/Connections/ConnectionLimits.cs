using System.ComponentModel.DataAnnotations;

namespace TalentSphere.Gateway.Edge.Connections;

/// <summary>
/// What one client may take of the gateway before it is refused or cut off. Configuration section <c>Connections</c>; a change takes effect with the next start.
/// </summary>
public sealed record ConnectionLimits
{
    /// <summary>The section they are read from.</summary>
    public const string Section = "Connections";

    /// <summary>The longest request line, in bytes; a longer one is 414.</summary>
    [Range(1024, 65_536)]
    public int RequestLineBytes { get; init; } = 8 * 1024;

    /// <summary>All headers of a request together, in bytes; more is 431.</summary>
    [Range(4096, 262_144)]
    public int HeaderBytes { get; init; } = 32 * 1024;

    /// <summary>The most headers of a request; more is 431.</summary>
    [Range(20, 1000)]
    public int HeaderCount { get; init; } = 100;

    /// <summary>The largest body, in bytes, where the route says nothing else; more is 413.</summary>
    [Range(1024, 1024L * 1024 * 1024)]
    public long BodyBytes { get; init; } = 1024 * 1024;

    /// <summary>How much of a body is collected before its service hears of the request, in bytes: until then a slow sender costs the service nothing.</summary>
    [Range(0, 1024 * 1024)]
    public int CollectedBodyBytes { get; init; } = 64 * 1024;

    /// <summary>How long the headers of a request may take to arrive; later is 408.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:02:00")]
    public TimeSpan HeaderTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a connection may rest between two requests.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:30:00")]
    public TimeSpan KeepAliveTimeout { get; init; } = TimeSpan.FromSeconds(75);

    /// <summary>The slowest pace at which a body may be sent or an answer be read, in bytes per second; slower is cut off, a sender with 408.</summary>
    [Range(1, 1024 * 1024)]
    public double BytesPerSecond { get; init; } = 4096;

    /// <summary>How long a client may be slower than <see cref="BytesPerSecond"/>.</summary>
    [Range(typeof(TimeSpan), "00:00:01.500", "00:02:00")]
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The most connections at once; one more is closed as soon as it is opened.</summary>
    [Range(1, 1_000_000)]
    public int Count { get; init; } = 10_000;

    /// <summary>The most WebSockets at once, over any version of HTTP; one more is 503.</summary>
    [Range(1, 1_000_000)]
    public int WebSockets { get; init; } = 5_000;

    /// <summary>The most requests at once on one HTTP/2 connection.</summary>
    [Range(1, 1000)]
    public int StreamsPerConnection { get; init; } = 100;
}
