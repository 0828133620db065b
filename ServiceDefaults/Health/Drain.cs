using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace TalentSphere.ServiceDefaults.Health;

/// <summary>How a process ends. Configuration section <c>Drain</c>.</summary>
public sealed record DrainOptions
{
    /// <summary>How long requests are still taken after SIGTERM while readiness is red already: zero locally, some seconds behind a load balancer.</summary>
    public TimeSpan Delay { get; init; } = TimeSpan.Zero;

    /// <summary>How long requests and messages under way may take to finish after that.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(20);
}

/// <summary>Turns readiness red on SIGTERM, before anything is stopped.</summary>
internal sealed class Drain(StartupState startup, IOptions<DrainOptions> options) : IHostedLifecycleService
{
    public Task StoppingAsync(CancellationToken cancellationToken)
    {
        startup.Drain();
        return options.Value.Delay > TimeSpan.Zero ? Task.Delay(options.Value.Delay, cancellationToken) : Task.CompletedTask;
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
