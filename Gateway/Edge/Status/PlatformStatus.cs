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
internal sealed class PlatformStatus(IProxyStateLookup proxy, IHttpClientFactory clients, TimeProvider time) : IDisposable
{
    public const string HttpClientName = "platform-status";

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
                var replicas = proxy.GetClusters().SelectMany(c => c.Destinations.Values)
                    .ToLookup(d => d.DestinationId.Split('-')[0], d => d.Model.Config.Address);
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
        var ready = await Task.WhenAll(replicas.Select(address => IsReadyAsync(address, cancellationToken)));
        var state = ready.Contains(true) ? ServiceState.Ok : ServiceState.Away;
        var known = _known.FirstOrDefault(s => s.Service == service);
        return known?.State == state ? known : new(service, state, time.GetUtcNow().UtcDateTime);
    }

    private async Task<bool> IsReadyAsync(string address, CancellationToken cancellationToken)
    {
        try
        {
            using var http = clients.CreateClient(HttpClientName);
            using var response = await http.GetAsync(new Uri(new Uri(address), "/ready"), HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            return response.IsSuccessStatusCode;
        }
        catch (Exception e) when (e is HttpRequestException or IOException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return false;
        }
    }
}
