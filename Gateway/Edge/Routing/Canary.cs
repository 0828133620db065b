using System.Globalization;
using System.Runtime.CompilerServices;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Model;

namespace TalentSphere.Gateway.Edge.Routing;

/// <summary>The share of a cluster's users that its canary serves; metadata of the endpoints of clusters that have one.</summary>
/// <param name="Cluster">Mixed into the choice, so that it is not the same users for every service.</param>
/// <param name="Percent">0..100.</param>
internal sealed record CanaryShare(string Cluster, double Percent)
{
    public const string HeaderName = "X-Canary";

    /// <summary>The metadata of a cluster with the share.</summary>
    public const string PercentKey = "CanaryPercent";

    /// <summary>The metadata <c>true</c> of a destination that is a canary.</summary>
    public const string CanaryKey = "Canary";

    private const int _parts = 10_000;

    /// <returns>Null for a cluster without a canary.</returns>
    /// <exception cref="FormatException">The share is no number of 0..100.</exception>
    public static CanaryShare? Of(ClusterConfig cluster)
    {
        var text = cluster.Metadata?.GetValueOrDefault(PercentKey);
        if (text is not null && !(double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var percent) && percent is >= 0 and <= 100))
            throw new FormatException($"{PercentKey} of {cluster.ClusterId} is a number of 0 to 100, and not '{text}'.");
        // All of them, so that one that cannot be read is noticed here.
        return cluster.Destinations?.Values.Count(IsCanary) > 0 ? new(cluster.ClusterId, text is null ? 0 : double.Parse(text, CultureInfo.InvariantCulture)) : null;
    }

    public static bool IsCanary(DestinationConfig destination) => destination.Metadata?.GetValueOrDefault(CanaryKey) is { } value && bool.Parse(value);

    /// <summary>Whether a request is for the canary: it asks for it, or its user is of the share.</summary>
    public static bool IsWanted(HttpContext context) => context.GetEndpoint()?.Metadata.GetMetadata<CanaryShare>() is { } share && share.IsWantedBy(context);

    public bool IsWantedBy(HttpContext context)
    {
        var asked = context.Request.Headers[HeaderName].ToString();
        if (asked.Equals("always", StringComparison.OrdinalIgnoreCase) || asked.Equals("true", StringComparison.OrdinalIgnoreCase))
            return true;
        if (asked.Equals("never", StringComparison.OrdinalIgnoreCase) || asked.Equals("false", StringComparison.OrdinalIgnoreCase))
            return false;
        return Percent > 0 && Includes(StickyKey.User.Of(context));
    }

    /// <summary>True for the same keys each time; a share that grows keeps those that it had.</summary>
    public bool Includes(string key) => HashRing.Hash($"{Cluster}/{key}") % _parts < Percent / 100 * _parts;
}

/// <summary>
/// Sends a share of the users to a service's next release (§24), or who asks for it: <c>X-Canary: always</c> (or <c>true</c>) and <c>never</c> (or <c>false</c>). It is open
/// to everybody and no protection of anything. Without a canary that answers, its users get the stable release; the canary never gets those of the stable one, for
/// which it is not large enough.
/// </summary>
internal sealed class CanaryMiddleware(RequestDelegate next)
{
    private readonly ConditionalWeakTable<IReadOnlyList<DestinationState>, Releases> _releases = [];

    public Task InvokeAsync(HttpContext context)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<CanaryShare>() is { } share)
        {
            var proxy = context.GetReverseProxyFeature();
            var releases = _releases.GetValue(proxy.AvailableDestinations, static available => new(available));
            if (releases.Canary.Count > 0 && share.IsWantedBy(context))
                proxy.AvailableDestinations = releases.Canary;
            else if (releases.Stable.Count > 0)
                proxy.AvailableDestinations = releases.Stable;
            else
                proxy.AvailableDestinations = _releases.GetValue(proxy.AllDestinations, static all => new(all)).Stable;
        }
        return next(context);
    }

    private sealed class Releases(IReadOnlyList<DestinationState> destinations)
    {
        public IReadOnlyList<DestinationState> Canary { get; } = [.. destinations.Where(d => CanaryShare.IsCanary(d.Model.Config))];

        public IReadOnlyList<DestinationState> Stable { get; } = [.. destinations.Where(d => !CanaryShare.IsCanary(d.Model.Config))];
    }
}
