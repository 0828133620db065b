using TalentSphere.Gateway.Edge.Resilience;
using Yarp.ReverseProxy;

namespace TalentSphere.Gateway.Edge.Status;

/// <summary>What a status page says of a service.</summary>
public enum ServiceState
{
    /// <summary>A replica of it is ready.</summary>
    Ok,

    /// <summary>None is.</summary>
    Away,
}

/// <summary>A service behind the gateway.</summary>
/// <param name="Service">Its name.</param>
/// <param name="State">How it is.</param>
/// <param name="Since">Since when this gateway has seen it so, UTC.</param>
public sealed record ServiceStatus(string Service, ServiceState State, DateTime Since);

/// <summary>Asks the services whether they are ready, at most every few seconds, however often it is asked itself. No address and no reason leaves it.</summary>
internal sealed class PlatformStatus(IProxyStateLookup proxy, UpstreamReadiness readiness, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan _fresh = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _asking = new(1, 1);
    private IReadOnlyList<ServiceStatus> _known = [];
    private DateTimeOffset _until;

    public async Task<IReadOnlyList<ServiceStatus>> GetAsync(CancellationToken cancellationToken)
    {
        await _asking.WaitAsync(cancellationToken);
        try
        {
            if (_until <= time.GetUtcNow())
            {
                var replicas = proxy.GetClusters().SelectMany(c => c.Destinations.Values, (c, d) => (Service: UpstreamBreakers.ServiceOf(c.Model.Config), d.Model.Config.Address))
                    .ToLookup(r => r.Service, r => r.Address);
                _known = await Task.WhenAll(replicas.OrderBy(r => r.Key, StringComparer.Ordinal).Select(r => AskAsync(r.Key, r.Distinct(), cancellationToken)));
                _until = time.GetUtcNow() + _fresh;
            }
            return _known;
        }
        finally
        {
            _asking.Release();
        }
    }

    public void Dispose() => _asking.Dispose();

    private async Task<ServiceStatus> AskAsync(string service, IEnumerable<string> replicas, CancellationToken cancellationToken)
    {
        var ready = await Task.WhenAll(replicas.Select(address => readiness.IsReadyAsync(address, cancellationToken)));
        var state = ready.Contains(true) ? ServiceState.Ok : ServiceState.Away;
        var known = _known.FirstOrDefault(s => s.Service == service);
        return known?.State == state ? known : new(service, state, time.GetUtcNow().UtcDateTime);
    }
}
