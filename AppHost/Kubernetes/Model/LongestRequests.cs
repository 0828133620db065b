using System.Globalization;
using System.Text.Json;

namespace TalentSphere.AppHost.Kubernetes.Model;

/// <summary>
/// How long a request to each workload may take, from the gateway's own routes: nobody waits longer for an answer than the gateway does. What a workload calls may take
/// as long as its caller may.
/// </summary>
internal static class LongestRequests
{
    private static readonly JsonDocumentOptions _lenient = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    /// <summary>The longest by workload; what no route leads to, directly or through others, is not in it.</summary>
    public static IReadOnlyDictionary<string, TimeSpan> Read(IReadOnlyList<Workload> workloads, string root)
    {
        var longest = new Dictionary<string, TimeSpan>(StringComparer.Ordinal);
        foreach (var gateway in workloads.Where(w => w.Kind == WorkloadKind.Gateway))
        {
            var settings = Path.Combine(root, Path.GetDirectoryName(gateway.Project)!, "appsettings.json");
            foreach (var (service, time) in File.Exists(settings) ? Routes(File.ReadAllBytes(settings)) : [])
            {
                Raise(longest, service, time);
                Raise(longest, gateway.Name, time);
            }
        }
        for (var changed = true; changed;)
        {
            changed = false;
            foreach (var (caller, called) in workloads.Where(w => w.Kind != WorkloadKind.Gateway && longest.ContainsKey(w.Name)).SelectMany(w => w.Calls.Select(c => (w.Name, c))))
                changed |= Raise(longest, called, longest[caller]);
        }
        return longest;
    }

    private static List<(string Service, TimeSpan Time)> Routes(byte[] settings)
    {
        using var document = JsonDocument.Parse(settings, _lenient);
        if (!document.RootElement.TryGetProperty("ReverseProxy", out var proxy) || !proxy.TryGetProperty("Clusters", out var clusters))
            return [];
        TimeSpan? common = document.RootElement.TryGetProperty("Upstreams", out var upstreams) && upstreams.TryGetProperty("Timeout", out var timeout) ? Parse(timeout) : null;
        return
        [
            .. from cluster in clusters.EnumerateObject()
               let time = cluster.Value.TryGetProperty("HttpRequest", out var request) ? Parse(request.GetProperty("ActivityTimeout")) : common
               where time is not null
               from destination in cluster.Value.GetProperty("Destinations").EnumerateObject()
               select (new Uri(destination.Value.GetProperty("Address").GetString()!).Host, time.Value),
        ];
    }

    private static TimeSpan Parse(JsonElement time) => TimeSpan.Parse(time.GetString()!, CultureInfo.InvariantCulture);

    private static bool Raise(Dictionary<string, TimeSpan> longest, string name, TimeSpan time)
    {
        if (longest.TryGetValue(name, out var known) && known >= time)
            return false;
        longest[name] = time;
        return true;
    }
}
