using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace TalentSphere.Gateway.Edge.HotConfiguration;

/// <summary>Degraded while something that was set or written to a file is refused, and so not in force.</summary>
internal sealed class ConfigurationHealthCheck(ConfigurationGuard guard) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) => Task.FromResult(
        guard.Refused.Count == 0 ? HealthCheckResult.Healthy() : HealthCheckResult.Degraded("Refused: " + string.Join(", ", guard.Refused.Keys)));
}
