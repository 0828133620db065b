using System.Globalization;
using System.Text.RegularExpressions;
using TalentSphere.Gateway.Edge.Limits;
using TalentSphere.Gateway.Edge.Resilience;
using TalentSphere.ServiceDefaults.Http;
using Yarp.ReverseProxy.Model;

namespace TalentSphere.Gateway.Edge.HotConfiguration;

/// <summary>
/// What may be deployed but not be set at run time: whoever has an administrator's token shall not be able to send the platform's requests, tokens and all, to a
/// machine of theirs, nor to a service's inner routes, nor to shut the administration out.
/// </summary>
internal sealed partial class OverlayRules
{
    /// <summary>The service that signs in whoever would take an overlay back.</summary>
    private const string _signIn = "auth";

    private const int _leastPermits = 10;
    private const string _notAtRunTime = "cannot be set at run time";

    private static readonly TimeSpan _longestWindow = TimeSpan.FromHours(1);
    private static readonly string[] _open = ["/api/v1/", "/hubs/"];
    private static readonly string[] _ownHeaders = ["authorization", "cookie", "x-forwarded-", "x-user-", "x-tenant-", "forwarded"];

    private readonly HashSet<string> _authorities;
    private readonly HashSet<string> _services;
    private readonly HashSet<string> _fixed;
    private readonly List<string> _fixedPaths;
    private readonly List<string> _ownPaths;
    private readonly HashSet<string> _neededLimits;

    /// <param name="deployed">What an overlay lies over.</param>
    /// <param name="endpoints">What the gateway answers.</param>
    public OverlayRules(IConfiguration deployed, EndpointDataSource endpoints)
    {
        var clusters = deployed.GetSection("ReverseProxy:Clusters").GetChildren().ToList();
        var injected = deployed.GetSection("services").GetChildren().Select(s => s.Key).ToList();
        _services = new(injected.Concat(clusters.Select(ServiceOf)), StringComparer.OrdinalIgnoreCase);
        _authorities = new(
            injected.Select(s => $"http://{s}").Concat(clusters.SelectMany(c => c.GetSection("Destinations").GetChildren()).Select(d => Authority(d["Address"])).OfType<string>()),
            StringComparer.OrdinalIgnoreCase);
        var signIn = clusters.Where(c => ServiceOf(c).Equals(_signIn, StringComparison.OrdinalIgnoreCase)).Select(c => c.Key).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var routes = deployed.GetSection("ReverseProxy:Routes").GetChildren().Where(r => signIn.Contains(r["ClusterId"] ?? "")).ToList();
        _fixed = new(signIn.Select(c => $"Clusters:{c}").Concat(routes.Select(r => $"Routes:{r.Key}")), StringComparer.OrdinalIgnoreCase);
        _neededLimits = new(routes.Select(r => r[$"Metadata:{RouteLimit.MetadataKey}"]).OfType<string>().Append(LimitOptions.Anonymous).Append(LimitOptions.User), StringComparer.OrdinalIgnoreCase);
        _fixedPaths = [.. routes.Select(r => LiteralPart(r["Match:Path"] ?? "")).Where(p => p.Length > 1).Distinct(StringComparer.OrdinalIgnoreCase)];
        _ownPaths = [.. endpoints.Endpoints.OfType<RouteEndpoint>().Where(e => e.Metadata.GetMetadata<RouteModel>() is null)
            .Select(e => LiteralPart(e.RoutePattern.RawText ?? "")).Where(p => p.Length > 1).Distinct(StringComparer.OrdinalIgnoreCase)];
    }

    /// <summary>What is wrong with an overlay.</summary>
    public IReadOnlyList<FailureDetail> Faults(OverlayDocument overlay)
    {
        var faults = new List<FailureDetail>();
        foreach (var entry in overlay.Values.Keys.Concat(overlay.Removed).Concat(overlay.Lists).Select(EntryOf).OfType<string>()
            .Distinct(StringComparer.OrdinalIgnoreCase).Where(_fixed.Contains).Order(StringComparer.Ordinal))
            faults.Add(new($"ReverseProxy:{entry}", $"{_notAtRunTime}: it signs in whoever would take this back"));
        // A list hides all that is below it.
        foreach (var path in overlay.Lists.Where(l => l.Split(':').Length < 4 && l.StartsWith("ReverseProxy", StringComparison.OrdinalIgnoreCase)))
            faults.Add(new(path, "must be an object"));
        foreach (var (path, value) in overlay.Values)
        {
            if (Fault(path.Split(':'), value ?? "") is { } fault)
                faults.Add(new(path, fault));
        }
        return faults;
    }

    private string? Fault(string[] path, string value) => Lower(path) switch
    {
        ["reverseproxy", var kind, var name, .. var rest] => FaultOfProxy(kind, name, rest, value),
        ["limits", "policies", var policy, "permits"] when _neededLimits.Contains(policy) =>
            int.TryParse(value, NumberStyles.Integer, CultureInfo.InvariantCulture, out var permits) && permits >= _leastPermits
                ? null : $"must be a number of at least {_leastPermits} at run time: who would take it back needs some",
        ["limits", "policies", var policy, "window"] when _neededLimits.Contains(policy) =>
            TimeSpan.TryParse(value, CultureInfo.InvariantCulture, out var window) && window <= _longestWindow
                ? null : "must be a time of at most an hour at run time: who would take it back has to wait for its end",
        _ => null,
    };

    private string? FaultOfProxy(string kind, string name, string[] rest, string value) => (kind, rest) switch
    {
        ("clusters", ["destinations", _, "address" or "health"]) => _authorities.Contains(Authority(value) ?? "")
            ? null : "must be the address of a service of the mesh, http://<service>; known are " + string.Join(", ", _authorities.Order(StringComparer.Ordinal)),
        ("clusters", ["destinations", _, "host"]) => _notAtRunTime,
        ("clusters", ["httpclient", "webproxy", ..] or ["httpclient", "dangerousacceptanyservercertificate"]) => _notAtRunTime,
        ("clusters", ["metadata", "service"]) => _services.Contains(value) ? null : "must be a service of the mesh: " + string.Join(", ", _services.Order(StringComparer.Ordinal)),
        ("clusters", _) => Name().IsMatch(name) ? null : "must be called 1 to 63 letters, digits or '-'",
        ("routes", ["order"]) => int.TryParse(value, out var order) && order < 0 ? "must not be negative: it would go before the gateway's own routes" : null,
        ("routes", ["match", "path"]) => PathFault(value),
        ("routes", ["transforms", _, "pathset" or "pathpattern" or "pathprefix"]) => IsOpen(value) ? null : "must begin with " + string.Join(" or ", _open),
        ("routes", ["transforms", _, "pathremoveprefix"]) => _notAtRunTime,
        ("routes", ["transforms", _, "requestheader" or "requestheaderroutevalue" or "requestheaderremove"])
            => _ownHeaders.Any(h => value.StartsWith(h, StringComparison.OrdinalIgnoreCase)) ? "is a header that the gateway sets by itself" : null,
        _ => null,
    };

    private string? PathFault(string path)
    {
        if (!IsOpen(path))
            return "must begin with " + string.Join(" or ", _open);
        if (_ownPaths.Any(own => IsBelow(path, own)))
            return "belongs to the gateway itself";
        return _fixedPaths.Any(signIn => IsBelow(path, signIn)) ? "belongs to signing in" : null;
    }

    private static bool IsBelow(string path, string other) =>
        path.TrimEnd('/').Equals(other, StringComparison.OrdinalIgnoreCase) || path.StartsWith(other + "/", StringComparison.OrdinalIgnoreCase);

    /// <summary>A pattern up to its first parameter, without the slash at its end.</summary>
    private static string LiteralPart(string pattern)
    {
        var parameter = pattern.IndexOf('{', StringComparison.Ordinal);
        var literal = parameter < 0 ? pattern : pattern[..Math.Max(0, pattern.LastIndexOf('/', parameter))];
        return "/" + literal.Trim('/');
    }

    /// <returns><c>Routes:name</c> or <c>Clusters:name</c>; null for what is neither.</returns>
    private static string? EntryOf(string path) => path.Split(':') is [var section, var kind, var name, ..] && section.Equals("ReverseProxy", StringComparison.OrdinalIgnoreCase)
        ? $"{kind}:{name}" : null;

    private static string ServiceOf(IConfigurationSection cluster) => cluster[$"Metadata:{UpstreamBreakers.ServiceKey}"] ?? cluster.Key;

    private static bool IsOpen(string path) => _open.Any(o => path.StartsWith(o, StringComparison.OrdinalIgnoreCase)) && !path.Contains("..", StringComparison.Ordinal);

    private static string? Authority(string? address) =>
        Uri.TryCreate(address, UriKind.Absolute, out var uri) && uri is { Scheme: "http" or "https", UserInfo: "", Query: "", Fragment: "", AbsolutePath: "/" }
            ? $"{uri.Scheme}://{uri.Authority}" : null;

    private static string[] Lower(string[] parts) => Array.ConvertAll(parts, p => p.ToLowerInvariant());

    [GeneratedRegex(@"\A[a-z0-9-]{1,63}\z")]
    private static partial Regex Name();
}
