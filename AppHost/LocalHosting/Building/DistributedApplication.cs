using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using TalentSphere.AppHost.LocalHosting;

namespace Aspire.Hosting;

/// <summary>
/// An application that can be run. <see cref="StartAsync"/> returns when every resource is healthy and throws
/// <see cref="DistributedApplicationException"/> with one sentence when one cannot be; nothing then runs any more.
/// </summary>
public sealed class DistributedApplication : IAsyncDisposable
{
    private readonly IHost _host;
    private readonly Lazy<Orchestrator> _orchestrator;

    internal DistributedApplication(IHost host)
    {
        _host = host;
        _orchestrator = new(host.Services.GetRequiredService<Orchestrator>);
    }

    public IServiceProvider Services => _host.Services;

    public ResourceNotificationService ResourceNotifications => Services.GetRequiredService<ResourceNotificationService>();

    public static IDistributedApplicationBuilder CreateBuilder() => CreateBuilder([]);

    /// <summary>For a program of its own: what is wrong with its arguments is told on stderr in one sentence and ends it with code 1.</summary>
    public static IDistributedApplicationBuilder CreateBuilder(string[] args)
    {
        AppDomain.CurrentDomain.UnhandledException += static (_, e) =>
        {
            if (e.ExceptionObject is not DistributedApplicationException refused)
                return;
            Console.Error.WriteLine(refused.Message);
            Environment.Exit(1);
        };
        return CreateBuilder(new DistributedApplicationOptions { Args = args });
    }

    public static IDistributedApplicationBuilder CreateBuilder(DistributedApplicationOptions options) => new DistributedApplicationBuilder(options);

    /// <summary>Runs until a signal or <c>POST /shutdown</c> ends it. Failures are told on stderr and set the exit code.</summary>
    /// <remarks>With <c>--operation publish</c> it runs the pipeline's step instead, and nothing is started.</remarks>
    public Task RunAsync(CancellationToken cancellationToken = default) =>
        Services.GetRequiredService<DistributedApplicationExecutionContext>().IsPublishMode
            ? Services.GetRequiredService<PublishRun>().RunAsync(cancellationToken)
            : new ConsoleRun(_orchestrator.Value).RunAsync(cancellationToken);

    public Task StartAsync(CancellationToken cancellationToken = default) => _orchestrator.Value.StartAsync(cancellationToken);

    public Task StopAsync(CancellationToken cancellationToken = default) => _orchestrator.Value.StopAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (_orchestrator.IsValueCreated)
        {
            await _orchestrator.Value.StopAsync();
            await _orchestrator.Value.DisposeAsync();
        }
        if (_host is IAsyncDisposable disposable)
            await disposable.DisposeAsync();
    }
}
