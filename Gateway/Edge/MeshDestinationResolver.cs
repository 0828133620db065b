using Microsoft.Extensions.Primitives;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.ServiceDiscovery;

namespace TalentSphere.Gateway.Edge;

/// <summary>
/// Resolves <c>http://lms</c> to the addresses that the app model injects: <c>services:lms:http:0</c>, <c>:1</c>, … one per replica.
/// A name that is not injected is left alone, for DNS (Kubernetes).
/// </summary>
internal sealed class MeshDestinationResolver(IConfiguration configuration) : IDestinationResolver
{
    public ValueTask<ResolvedDestinationCollection> ResolveDestinationsAsync(
        IReadOnlyDictionary<string, DestinationConfig> destinations, CancellationToken cancellationToken)
    {
        var resolved = new Dictionary<string, DestinationConfig>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, destination) in destinations)
        {
            var addresses = Addresses(configuration, new Uri(destination.Address).Host);
            if (addresses.Count == 0)
                resolved.Add(name, destination);
            for (var i = 0; i < addresses.Count; i++)
                resolved.Add($"{name}-{i}", destination with { Address = addresses[i] });
        }
        return new(new ResolvedDestinationCollection(resolved, configuration.GetReloadToken() as IChangeToken));
    }

    public static IReadOnlyList<string> Addresses(IConfiguration configuration, string service) =>
        [.. configuration.GetSection($"services:{service}:http").GetChildren().Select(c => c.Value).OfType<string>()];
}
