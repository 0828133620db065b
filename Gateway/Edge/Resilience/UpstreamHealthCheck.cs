using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace TalentSphere.Gateway.Edge.Resilience;

/// <summary>Whether requests pass to a service. One that is away takes nothing from the others, so the gateway is degraded and not unavailable.</summary>
internal sealed class UpstreamHealthCheck(UpstreamBreaker breaker) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) => Task.FromResult(
        breaker.IsClosed ? HealthCheckResult.Healthy() : HealthCheckResult.Degraded($"The breaker is {breaker.State}."));
}
