using Microsoft.Extensions.Options;

namespace TalentSphere.Gateway.Edge.Resilience;

/// <summary>Asks a replica whether it is ready, as <see cref="ProbeOptions"/> say.</summary>
internal sealed class UpstreamReadiness(IHttpClientFactory clients, IOptions<UpstreamOptions> options)
{
    public const string ClientName = "upstream-readiness";

    /// <returns>False also when it is away, or too slow.</returns>
    public async Task<bool> IsReadyAsync(string address, CancellationToken cancellationToken)
    {
        using var http = clients.CreateClient(ClientName);
        try
        {
            using var response = await http.GetAsync(new Uri(new Uri(address), options.Value.Probe.Path), HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            return response.IsSuccessStatusCode;
        }
        catch (Exception e) when (e is HttpRequestException or IOException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return false;
        }
    }
}
