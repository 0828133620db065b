using System.ComponentModel.DataAnnotations;

namespace TalentSphere.Gateway.Edge.Idempotency;

/// <summary>Section <c>Idempotency</c>.</summary>
internal sealed record IdempotencyOptions
{
    public const string Section = "Idempotency";

    /// <summary>How long an answer is repeated. Default 24 h.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "30.00:00:00")]
    public TimeSpan Retention { get; init; } = TimeSpan.FromHours(24);

    /// <summary>
    /// How long a claim outlives the time that its route has for an answer. When a gateway dies in between, the key is free again after that, and what became of
    /// the request is unknown. Default 30 s.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan ClaimMargin { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// The longest body of an answer that is kept, in bytes. A repetition of a request with a longer one is told that it was done. Default 64 KiB: each is kept for
    /// <see cref="Retention"/>, in memory that limits and sessions need too.
    /// </summary>
    [Range(1024, 16 * 1024 * 1024)]
    public int MaxAnswer { get; init; } = 64 * 1024;
}
