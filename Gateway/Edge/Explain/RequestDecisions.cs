namespace TalentSphere.Gateway.Edge.Explain;

/// <summary>
/// What the edge decided about one request, as far as it came. There only when an administrator asked to be told; a concern that decides something says so with
/// <c>context.Features.Get&lt;RequestDecisions&gt;()?.Limit = …</c>.
/// </summary>
internal sealed class RequestDecisions
{
    /// <summary>The route that was chosen.</summary>
    public string? Route { get; set; }

    /// <summary>The tenant, as it was checked.</summary>
    public string? Tenant { get; set; }

    /// <summary>The flag that the route asks for.</summary>
    public string? Flag { get; set; }

    /// <summary>Which limit counted, and what is left of it.</summary>
    public string? Limit { get; set; }

    /// <summary>Whether the request was done before under its key.</summary>
    public string? Idempotency { get; set; }

    /// <summary>Whether the answer came out of the cache.</summary>
    public string? Cache { get; set; }

    /// <summary>The state of the upstream's breaker.</summary>
    public string? Breaker { get; set; }

    /// <summary>Whether it was tried again.</summary>
    public string? Retry { get; set; }

    /// <summary>Who was asked, and what became of it.</summary>
    public string? Upstream { get; set; }
}
