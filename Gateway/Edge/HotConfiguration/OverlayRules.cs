using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Gateway.Edge.HotConfiguration;

/// <summary>
/// What may be deployed but not be set at run time: whoever has an administrator's token shall not be able to send the platform's requests, tokens and all, to a
/// machine of theirs, nor to a service's inner routes, nor to shut the administration out.
/// </summary>
internal static class OverlayRules
{
    private static readonly string[] _open = ["/api/v1/", "/hubs/"];

    /// <summary>The gateway's own routes.</summary>
    private static readonly string[] _own = ["/api/v1/admin/gateway", "/api/v1/flags", "/api/v1/batch"];

    private static readonly string[] _ownHeaders = ["authorization", "cookie", "x-forwarded-", "x-user-", "x-tenant-", "forwarded"];

    /// <summary>What is wrong with an overlay.</summary>
    /// <param name="overlay">What lies over.</param>
    /// <param name="deployed">What it lies over.</param>
    public static IReadOnlyList<FailureDetail> Faults(OverlayDocument overlay, IConfiguration deployed)
    {
        var known = KnownAuthorities(deployed);
        var faults = new List<FailureDetail>();
        foreach (var (path, value) in overlay.Values)
        {
            var parts = path.Split(':');
            if (parts is [var section, var kind, _, .. var rest] && section.Equals("ReverseProxy", StringComparison.OrdinalIgnoreCase)
                && Fault(kind, rest, value ?? "", known) is { } fault)
                faults.Add(new(path, fault));
        }
        return faults;
    }

    private static string? Fault(string kind, string[] rest, string value, HashSet<string> known) => (kind.ToLowerInvariant(), Lower(rest)) switch
    {
        ("clusters", ["destinations", _, "address" or "health"]) => known.Contains(Authority(value) ?? "")
            ? null : "must be the address of a service of the mesh, http://<service>; known are " + string.Join(", ", known.Order(StringComparer.Ordinal)),
        ("clusters", ["destinations", _, "host"]) => "cannot be set at run time",
        ("clusters", ["httpclient", "webproxy", ..] or ["httpclient", "dangerousacceptanyservercertificate"]) => "cannot be set at run time",
        ("routes", ["order"]) => int.TryParse(value, out var order) && order < 0 ? "must not be negative: it would go before the gateway's own routes" : null,
        ("routes", ["match", "path"]) => PathFault(value),
        ("routes", ["transforms", _, "pathset" or "pathpattern" or "pathprefix"]) => IsOpen(value) ? null : "must begin with " + string.Join(" or ", _open),
        ("routes", ["transforms", _, "pathremoveprefix"]) => "cannot be set at run time",
        ("routes", ["transforms", _, "requestheader" or "requestheaderroutevalue" or "requestheaderremove"])
            => _ownHeaders.Any(h => value.StartsWith(h, StringComparison.OrdinalIgnoreCase)) ? "is a header that the gateway sets by itself" : null,
        _ => null,
    };

    private static string? PathFault(string path)
    {
        if (!IsOpen(path))
            return "must begin with " + string.Join(" or ", _open);
        return _own.Any(own => path.Equals(own, StringComparison.OrdinalIgnoreCase) || path.StartsWith(own + "/", StringComparison.OrdinalIgnoreCase))
            ? "belongs to the gateway itself" : null;
    }

    private static bool IsOpen(string path) => _open.Any(o => path.StartsWith(o, StringComparison.OrdinalIgnoreCase)) && !path.Contains("..", StringComparison.Ordinal);

    /// <summary>Services that were injected, and whatever deployed clusters go to.</summary>
    private static HashSet<string> KnownAuthorities(IConfiguration deployed) => new(
        deployed.GetSection("services").GetChildren().Select(s => $"http://{s.Key}")
            .Concat(deployed.GetSection("ReverseProxy:Clusters").GetChildren()
                .SelectMany(c => c.GetSection("Destinations").GetChildren()).Select(d => Authority(d["Address"])))
            .OfType<string>(),
        StringComparer.OrdinalIgnoreCase);

    private static string? Authority(string? address) =>
        Uri.TryCreate(address, UriKind.Absolute, out var uri) && uri is { Scheme: "http" or "https", UserInfo: "", Query: "", Fragment: "", AbsolutePath: "/" }
            ? $"{uri.Scheme}://{uri.Authority}" : null;

    private static string[] Lower(string[] parts) => Array.ConvertAll(parts, p => p.ToLowerInvariant());
}
