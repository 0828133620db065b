using System.ComponentModel.DataAnnotations;

namespace TalentSphere.Gateway.Edge.ResponseCaching;

/// <summary>Section <c>ResponseCache</c>.</summary>
internal sealed record ResponseCacheOptions
{
    public const string Section = "ResponseCache";

    /// <summary>Bodies and headers that are kept in all, in bytes; beyond it what was used least recently goes. Default 64 MiB.</summary>
    [Range(64 * 1024, 4L * 1024 * 1024 * 1024)]
    public long Capacity { get; init; } = 64 * 1024 * 1024;

    /// <summary>The longest body that is kept, in bytes. Default 1 MiB.</summary>
    [Range(1024, 64 * 1024 * 1024)]
    public int MaxAnswer { get; init; } = 1024 * 1024;

    /// <summary>How long an address whose answers may not be kept is remembered as such: its requests then do not wait for each other. Default 10 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:10:00")]
    public TimeSpan UncacheableMemory { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long an answer counts as fresh while purges cannot be heard, whatever it says itself; none is served stale then. Default 5 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan UnheardFreshness { get; init; } = TimeSpan.FromSeconds(5);
}
