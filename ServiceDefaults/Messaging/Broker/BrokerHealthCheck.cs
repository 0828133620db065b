using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace TalentSphere.ServiceDefaults.Messaging;

/// <summary>Degraded while the broker is away: the service goes on, its events wait in the outbox.</summary>
internal sealed class BrokerHealthCheck(Broker broker, EventBus bus) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        HealthCheckResult result;
        if (!broker.IsOpen)
            result = HealthCheckResult.Degraded("The broker does not answer; events wait in the outbox.");
        else if (!bus.IsConsuming)
            result = HealthCheckResult.Degraded("The broker answers, but the queue is not consumed yet.");
        else
            result = HealthCheckResult.Healthy();
        return Task.FromResult(result);
    }
}
