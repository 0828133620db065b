using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry;

namespace TalentSphere.ServiceDefaults.Messaging;

/// <summary>Keeps <c>queue_dead_letters</c> up to date: twice a minute, in the replica whose relay is active, so that the sum over replicas is right.</summary>
internal sealed class DeadLetterDepth(DeadLetterBox box, MessagingMetrics metrics, TimeProvider time, ILogger<DeadLetterDepth> logger) : BackgroundService
{
    private static readonly TimeSpan _interval = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan _first = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var quiet = SuppressInstrumentationScope.Begin();
        for (var pause = _first; ; pause = metrics.Leads ? _interval : _first)
        {
            await Task.Delay(pause, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (stoppingToken.IsCancellationRequested)
                return;
            if (!metrics.Leads)
            {
                metrics.DeadLetters(null);
                continue;
            }
            try
            {
                // While somebody looks at them the last figure stands.
                if (await box.DepthAsync(stoppingToken) is { } depth)
                    metrics.DeadLetters(depth);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                metrics.DeadLetters(null);
                logger.LogDebug("The dead letters could not be counted: {Fault}", e.GetBaseException().Message);
            }
        }
    }
}
