using System.Collections.Immutable;
using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace TalentSphere.AppHost.LocalHosting;

/// <summary>Makes the health checks of a resource.</summary>
internal sealed class HealthProbe(HealthCheckService checks, MeshSettings settings, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(5);

    private readonly HttpClient _http = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseProxy = false,
        UseCookies = false,
        ActivityHeadersPropagator = null,
        SslOptions = { RemoteCertificateValidationCallback = (_, shown, _, faults) => faults == SslPolicyErrors.None || IsOurs(settings, shown) },
    })
    {
        Timeout = _patience,
    };

    /// <summary>One report per check, in the order of the annotations; empty for a resource without checks.</summary>
    public async Task<ImmutableArray<HealthReportSnapshot>> RunAsync(IResource resource, int replica, CancellationToken cancellationToken)
    {
        var annotations = resource.Annotations.OfType<HealthCheckAnnotation>().ToList();
        var reports = await Task.WhenAll(annotations.Select(a => a is HttpHealthCheckAnnotation http
            ? GetAsync(resource, http, replica, cancellationToken)
            : CheckAsync(a.Key, cancellationToken)));
        return [.. reports];
    }

    public static ImmutableArray<HealthReportSnapshot> Pending(IResource resource) =>
        [.. resource.Annotations.OfType<HealthCheckAnnotation>()
            .Select(a => new HealthReportSnapshot(a.Key, Status: null, Description: null, ExceptionText: null))];

    public void Dispose() => _http.Dispose();

    private async Task<HealthReportSnapshot> GetAsync(IResource resource, HttpHealthCheckAnnotation check, int replica, CancellationToken cancellationToken)
    {
        var endpoint = new EndpointReference((IResourceWithEndpoints)resource, check.EndpointName).EndpointAnnotation;
        var url = endpoint.UrlOf(replica) + check.Path;
        try
        {
            using var response = await _http.GetAsync(new Uri(url), cancellationToken);
            if (response.StatusCode == (HttpStatusCode)check.StatusCode)
                return Report(check.Key, HealthStatus.Healthy, $"GET {check.Path} answers {check.StatusCode}");
            var body = await response.Content.ReadAsStringAsync(cancellationToken);
            var said = $"GET {check.Path} answers {(int)response.StatusCode} {body[..Math.Min(body.Length, 300)]}";
            return Report(check.Key, HealthStatus.Unhealthy, said.TrimEnd());
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException or IOException && !cancellationToken.IsCancellationRequested)
        {
            var reason = e is TaskCanceledException ? $"no answer in {_patience.TotalSeconds} s" : e.Message;
            return Report(check.Key, HealthStatus.Unhealthy, $"GET {url} fails: {reason}");
        }
    }

    private async Task<HealthReportSnapshot> CheckAsync(string key, CancellationToken cancellationToken)
    {
        var report = await checks.CheckHealthAsync(registration => registration.Name == key, cancellationToken);
        if (!report.Entries.TryGetValue(key, out var entry))
            throw new DistributedApplicationException($"No health check is registered under '{key}'.");
        return Report(key, entry.Status, entry.Description ?? entry.Exception?.Message);
    }

    /// <summary>A process that speaks TLS shows the certificate that was made for this mesh.</summary>
    private static bool IsOurs(MeshSettings settings, X509Certificate? shown)
    {
        var path = DevelopmentCertificate.In(settings.StateDirectory).Path;
        if (shown is null || !File.Exists(path))
            return false;
        using var ours = X509CertificateLoader.LoadCertificateFromFile(path);
        return shown.GetRawCertData().AsSpan().SequenceEqual(ours.RawData);
    }

    private HealthReportSnapshot Report(string key, HealthStatus status, string? description) =>
        new(key, status, description, ExceptionText: null) { LastRunAt = time.GetUtcNow().UtcDateTime };
}
