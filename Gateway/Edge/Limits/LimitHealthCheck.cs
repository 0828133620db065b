using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace TalentSphere.Gateway.Edge.Limits;

/// <summary>Degraded while this replica counts alone.</summary>
internal sealed class LimitHealthCheck(QuotaStore store) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(store.IsAway ? HealthCheckResult.Degraded("Redis does not answer; this replica grants its own share of each limit.") : HealthCheckResult.Healthy());
}
