using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Routing.Patterns;
using TalentSphere.ServiceDefaults.Http;
using Yarp.ReverseProxy.Configuration;

namespace TalentSphere.Gateway.Edge.HotConfiguration;

/// <summary>Routes and clusters: what YARP itself refuses, and what it would only notice once a request comes.</summary>
internal sealed partial class ProxyCheck(IConfigValidator validator) : IEdgeConfigurationCheck
{
    private const string _routes = "ReverseProxy:Routes:", _clusters = "ReverseProxy:Clusters:";

    public async ValueTask<IReadOnlyList<FailureDetail>> CheckAsync(IConfiguration merged, CancellationToken cancellationToken)
    {
        var faults = new List<FailureDetail>();
        var (routes, clusters) = ProxyReader.Read(merged, faults);
        var readable = faults.Count == 0;
        if (readable && routes.Count == 0)
            faults.Add(new("ReverseProxy:Routes", "is empty"));
        foreach (var route in routes)
        {
            faults.AddRange((await validator.ValidateRouteAsync(route)).Select(e => new FailureDetail(_routes + route.RouteId, e.Message)));
            if (!Name().IsMatch(route.RouteId))
                faults.Add(new(_routes + route.RouteId, "must be called 1 to 100 letters, digits, '.', '_' or '-': usage is counted under it"));
            if (string.IsNullOrEmpty(route.Match.Path))
                faults.Add(new($"{_routes}{route.RouteId}:Match:Path", "is required"));
            if (string.IsNullOrEmpty(route.AuthorizationPolicy))
                faults.Add(new($"{_routes}{route.RouteId}:AuthorizationPolicy", "is required: anonymous, default or a policy's name"));
            // A cluster that cannot be read is named once, not by each of its routes.
            if (readable && !clusters.Any(c => string.Equals(c.ClusterId, route.ClusterId, StringComparison.OrdinalIgnoreCase)))
                faults.Add(new($"{_routes}{route.RouteId}:ClusterId", $"names no cluster: {route.ClusterId ?? "nothing"}"));
        }
        foreach (var cluster in clusters)
        {
            faults.AddRange((await validator.ValidateClusterAsync(cluster)).Select(e => new FailureDetail(_clusters + cluster.ClusterId, e.Message)));
            if (cluster.Destinations is not { Count: > 0 })
                faults.Add(new($"{_clusters}{cluster.ClusterId}:Destinations", "is empty"));
            foreach (var (name, destination) in cluster.Destinations ?? new Dictionary<string, DestinationConfig>())
            {
                if (!Uri.TryCreate(destination.Address, UriKind.Absolute, out var address) || address is not { Scheme: "http" or "https", UserInfo.Length: 0 })
                    faults.Add(new($"{_clusters}{cluster.ClusterId}:Destinations:{name}:Address", "must be an absolute http or https address without credentials"));
            }
        }
        Conflicts(routes, faults);
        return faults;
    }

    /// <summary>Two routes that match the same requests with the same precedence: each such request would be answered with a failure.</summary>
    private static void Conflicts(IReadOnlyList<RouteConfig> routes, List<FailureDetail> faults)
    {
        foreach (var alike in routes.Where(r => r.Match.Path is not null).GroupBy(MatchOf).Where(g => g.Skip(1).Any()))
        {
            var seen = new List<RouteConfig>();
            foreach (var route in alike.OrderBy(r => r.RouteId, StringComparer.Ordinal))
            {
                if (seen.Find(other => Overlap(other.Match.Methods, route.Match.Methods)) is { } earlier)
                    faults.Add(new(_routes + route.RouteId, $"matches the same requests as {earlier.RouteId}"));
                seen.Add(route);
            }
        }
    }

    // A route with methods goes before one without: those two do not conflict.
    private static bool Overlap(IReadOnlyList<string>? one, IReadOnlyList<string>? other) => (one is { Count: > 0 }, other is { Count: > 0 }) switch
    {
        (false, false) => true,
        (true, true) => one!.Intersect(other!, StringComparer.OrdinalIgnoreCase).Any(),
        _ => false,
    };

    private static (int Order, string Path, string Hosts, string Conditions) MatchOf(RouteConfig route) => (
        route.Order ?? 0,
        ShapeOf(route.Match.Path!),
        string.Join(',', (route.Match.Hosts ?? []).Select(h => h.ToLowerInvariant()).Order(StringComparer.Ordinal)),
        string.Join(',', (route.Match.Headers ?? []).Select(h => $"h:{h.Name}:{h.Mode}:{string.Join('|', h.Values ?? [])}".ToLowerInvariant())
            .Concat((route.Match.QueryParameters ?? []).Select(q => $"q:{q.Name}:{q.Mode}:{string.Join('|', q.Values ?? [])}")).Order(StringComparer.Ordinal)));

    /// <summary>A path without the names of its parameters: they match the same.</summary>
    private static string ShapeOf(string path)
    {
        try
        {
            return string.Join('/', RoutePatternFactory.Parse(path).PathSegments.Select(s => string.Concat(s.Parts.Select(ShapeOf))));
        }
        catch (RoutePatternException)
        {
            // The validator has said so.
            return path;
        }
    }

    private static string ShapeOf(RoutePatternPart part) => part switch
    {
        RoutePatternLiteralPart literal => literal.Content.ToLowerInvariant(),
        RoutePatternSeparatorPart separator => separator.Content,
        RoutePatternParameterPart parameter =>
            $"{{{(parameter.IsCatchAll ? "**" : "")}{string.Join(':', parameter.ParameterPolicies.Select(p => p.Content))}{(parameter.IsOptional ? "?" : "")}}}",
        _ => "",
    };

    [GeneratedRegex(@"\A[A-Za-z0-9._-]{1,100}\z")]
    private static partial Regex Name();
}
