namespace TalentSphere.Gateway.Edge.Limits;

/// <summary>A feature of a request that a limit applied to: which decided, and how.</summary>
internal sealed class LimitDecision(HttpContext context, LimitPolicy callers, Verdict ofCaller, LimitPolicy? routes = null, Verdict ofRoute = default)
{
    /// <summary>The caller's own limit.</summary>
    public AppliedLimit Caller { get; } = new(callers, ofCaller);

    /// <summary>The route's, where it has one.</summary>
    public AppliedLimit? Route { get; } = routes is null ? null : new AppliedLimit(routes, ofRoute);

    /// <summary>The one that a client has to mind: the one that refused, else the one with less left.</summary>
    public AppliedLimit Binding => Route is { } route && (!route.Verdict.IsAllowed || (Caller.Verdict.IsAllowed && route.Verdict.Remaining < Caller.Verdict.Remaining))
        ? route : Caller;

    internal IHeaderDictionary Headers => context.Response.Headers;
}

/// <summary>A policy, and what it said.</summary>
internal readonly record struct AppliedLimit(LimitPolicy Policy, Verdict Verdict);
