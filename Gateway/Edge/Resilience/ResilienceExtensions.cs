using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Health;

namespace TalentSphere.Gateway.Edge.Resilience;

/// <summary>Breaker, time limits and retry between the gateway and the services.</summary>
internal static class ResilienceExtensions
{
    /// <summary>Adds the breakers, the defaults of clusters and routes, the probes, and a health check for each service that is configured at the start.</summary>
    public static void AddUpstreamResilience(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddOptions<UpstreamOptions>().BindConfiguration("Upstreams").ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<UpstreamTrouble>();
        services.AddSingleton<UpstreamMetrics>();
        services.AddSingleton<UpstreamBreakers>();
        services.AddSingleton<IProxyConfigFilter, UpstreamDefaults>();
        services.AddSingleton<IForwarderHttpClientFactory, UpstreamHttpClientFactory>();
        services.AddSingleton<ReplicaHealthPolicy>();
        services.AddSingleton<IPassiveHealthCheckPolicy>(p => p.GetRequiredService<ReplicaHealthPolicy>());
        services.AddSingleton<UpstreamReadiness>();
        services.AddHostedService<UpstreamProbes>();
        services.AddHttpClient(UpstreamReadiness.ClientName)
            .ConfigureHttpClient((provider, http) => http.Timeout = provider.GetRequiredService<IOptions<UpstreamOptions>>().Value.Probe.Timeout)
            .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler
            {
                AllowAutoRedirect = false,
                // A probe wants to know whether a new connection is taken, and is no part of any trace.
                PooledConnectionLifetime = TimeSpan.Zero,
                ActivityHeadersPropagator = null,
            });
        foreach (var service in ConfiguredServices(builder.Configuration))
        {
            services.AddHealthChecks().Add(new HealthCheckRegistration(
                $"upstream-{service}", p => new UpstreamHealthCheck(p.GetRequiredService<UpstreamBreakers>().Of(service)), HealthStatus.Degraded, tags: null));
        }
    }

    /// <summary>Gives each route the breaker of its service and its limit.</summary>
    public static ReverseProxyConventionBuilder WithUpstreamResilience(this ReverseProxyConventionBuilder routes, IServiceProvider services)
    {
        var (breakers, options) = (services.GetRequiredService<UpstreamBreakers>(), services.GetRequiredService<IOptions<UpstreamOptions>>().Value);
        return routes.ConfigureEndpoints((endpoint, route, cluster) =>
        {
            if (cluster is null)
                return;
            var limit = UpstreamDefaults.LimitOf(route, cluster, options);
            endpoint.WithMetadata(new UpstreamRoute(breakers.Of(cluster), limit is { } time ? new(time) : null, IsLong: limit is null || limit > options.TotalTimeout));
        });
    }

    private static IEnumerable<string> ConfiguredServices(IConfiguration configuration) => configuration.GetSection("ReverseProxy:Clusters").GetChildren()
        .Select(c => c[$"Metadata:{UpstreamBreakers.ServiceKey}"] ?? c.Key).Distinct(StringComparer.OrdinalIgnoreCase);
}
