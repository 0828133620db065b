using TalentSphere.Gateway.Edge.Explain;

namespace TalentSphere.Gateway.Edge.ResponseCaching;

/// <summary>What the cache did with a request; for <c>x-explain</c>.</summary>
/// <param name="Outcome"><c>hit</c>, <c>stale</c>, <c>miss</c> or <c>bypass</c>.</param>
/// <param name="Reason">Why.</param>
internal sealed record CacheDecision(string Outcome, string Reason)
{
    public static CacheDecision Fresh { get; } = new("hit", "fresh");

    public static CacheDecision Shared { get; } = new("hit", "waited for a request that was on its way");

    public static CacheDecision Stale { get; } = new("stale", "served while it is asked for again");

    public static CacheDecision NotKept { get; } = new("miss", "not kept");

    public static CacheDecision NotPublic { get; } = new("bypass", "answers from there are not public");

    public static CacheDecision AskedNotTo { get; } = new("bypass", "the request asked for it");

    public static CacheDecision UpstreamFails { get; } = new("miss", "the upstream fails");

    /// <summary>Nobody reads it unless it was asked for.</summary>
    public void Note(HttpContext context) => context.Features.Get<RequestDecisions>()?.Cache = $"{Outcome}: {Reason}";
}
