using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace TalentSphere.Gateway.Edge.Resilience;

/// <summary>What the gateway expects of the services behind it. Configuration section <c>Upstreams</c>; a cluster or a route may say otherwise in YARP's own terms.</summary>
public sealed record UpstreamOptions
{
    /// <summary>How long nothing may arrive, before the answer or in the middle of it (a cluster's <c>HttpRequest:ActivityTimeout</c>).</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "01:00:00")]
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long a request may take from its first byte to the last of its answer (a route's metadata <c>TotalTimeout</c>): ends an upstream that trickles or never stops, with
    /// the connection, since the answer is under way. Routes with the metadata <c>Stream: true</c> have no such end; those of a cluster with more patience than this have
    /// the cluster's on top.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "01:00:00")]
    public TimeSpan TotalTimeout { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>The breaker of each service.</summary>
    [Required, ValidateObjectMembers]
    public BreakerOptions Breaker { get; init; } = new();

    /// <summary>How a service that was away is found again.</summary>
    [Required, ValidateObjectMembers]
    public ProbeOptions Probe { get; init; } = new();

    /// <summary>The connections to services.</summary>
    [Required, ValidateObjectMembers]
    public ConnectionOptions Connections { get; init; } = new();
}

/// <summary>When a breaker opens, and for how long.</summary>
public sealed record BreakerOptions
{
    /// <summary>This many requests in a row that failed open it.</summary>
    [Range(2, 1000)]
    public int ConsecutiveFailures { get; init; } = 5;

    /// <summary>So does this share of failed requests, 0.01..1, within <see cref="Window"/>, once there are <see cref="MinimumRequests"/> of them.</summary>
    [Range(0.01, 1.0)]
    public double FailureRatio { get; init; } = 0.5;

    /// <summary>Below this many requests in <see cref="Window"/> a share says nothing.</summary>
    [Range(2, 100_000)]
    public int MinimumRequests { get; init; } = 20;

    /// <summary>What <see cref="FailureRatio"/> is taken over.</summary>
    [Range(typeof(TimeSpan), "00:00:00.500", "01:00:00")]
    public TimeSpan Window { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long it stays open before one request may try.</summary>
    [Range(typeof(TimeSpan), "00:00:00.500", "01:00:00")]
    public TimeSpan BreakDuration { get; init; } = TimeSpan.FromSeconds(30);
}

/// <summary>How an upstream in trouble is asked whether it is back; one that is well is never asked.</summary>
public sealed record ProbeOptions
{
    /// <summary>Where to ask.</summary>
    [Required, RegularExpression("^/.*")]
    public string Path { get; init; } = "/ready";

    /// <summary>How often.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:10:00")]
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long an answer may take.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:10:00")]
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(1);
}

/// <summary>How connections to services are made, kept and given up.</summary>
public sealed record ConnectionOptions
{
    /// <summary>How long connecting may take.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:00")]
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How old a connection may grow: a name's new addresses are noticed no later.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan Lifetime { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>How long one may be idle; less than a server keeps it (Kestrel: 130 s), else requests run into closed ones.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:02:00")]
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How much an answer's headers may weigh, in kibibytes.</summary>
    [Range(1, 1024)]
    public int MaxResponseHeaders { get; init; } = 32;
}
