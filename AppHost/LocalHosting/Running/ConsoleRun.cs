using System.Runtime.InteropServices;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace TalentSphere.AppHost.LocalHosting;

/// <summary>
/// A mesh in a terminal: a line per change while it starts, its addresses, then until a signal or a request ends it. The first signal stops in order,
/// the second at once. Exit code 0 after a mesh that ran, 1 after one that could not.
/// </summary>
internal sealed class ConsoleRun(Orchestrator orchestrator)
{
    public async Task RunAsync(CancellationToken cancellationToken = default)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal);
        using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, OnSignal);
        using var telling = new CancellationTokenSource();
        var progress = Task.CompletedTask;
        try
        {
            orchestrator.Created = () => progress = TellAsync(telling.Token);
            await orchestrator.StartAsync(stop.Token);
            if (!orchestrator.ShutdownRequested.IsCompleted)
                TellAddresses();
            await Task.WhenAny(orchestrator.ShutdownRequested, Task.Delay(Timeout.InfiniteTimeSpan, stop.Token));
            await StopAsync();
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            await StopAsync();
        }
        catch (DistributedApplicationException e)
        {
            await Console.Error.WriteLineAsync(e.Message);
            Environment.ExitCode = 1;
        }
        finally
        {
            await telling.CancelAsync();
            await progress;
        }

        void OnSignal(PosixSignalContext context)
        {
            context.Cancel = true;
            if (stop.IsCancellationRequested)
                orchestrator.Hurry();
            else
                stop.Cancel();
        }

        async Task StopAsync()
        {
            Console.WriteLine("Stopping.");
            await orchestrator.StopAsync(CancellationToken.None);
            Console.WriteLine("Stopped.");
        }
    }

    private async Task TellAsync(CancellationToken cancellationToken)
    {
        var told = new Dictionary<string, string>(StringComparer.Ordinal);
        try
        {
            await foreach (var change in orchestrator.Notifications.WatchAsync(cancellationToken))
            {
                var instance = orchestrator.Instances.FirstOrDefault(i => i.Id == change.ResourceId);
                if (instance?.Log is null || Describe(change.Snapshot) is not { } text || told.TryGetValue(change.ResourceId, out var before) && before == text)
                    continue;
                told[change.ResourceId] = text;
                Console.WriteLine($"  {instance.Name,-16} {text}");
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return;
        }
    }

    private static string? Describe(CustomResourceSnapshot snapshot) => snapshot switch
    {
        { HealthStatus: HealthStatus.Healthy } => "healthy",
        { State.Text: "NotStarted" or "Waiting" } => null,
        { State.Text: var state, ExitCode: { } code } => $"{state.ToLowerInvariant()} (code {code})",
        { State.Text: var state } => state.ToLowerInvariant(),
        _ => null,
    };

    private void TellAddresses()
    {
        Console.WriteLine($"Mesh is healthy after {(TimeProvider.System.GetUtcNow() - orchestrator.StartedAt).TotalSeconds:0.0} s");
        foreach (var url in orchestrator.Instances.Where(i => i.Resource.Annotations.OfType<EndpointAnnotation>().Any(e => e.IsExternal)).SelectMany(i => i.Snapshot.Urls))
            Console.WriteLine($"  {(url.DisplayName.Length > 0 ? url.DisplayName : url.Name),-16} {url.Url}");
        Console.WriteLine(orchestrator.Dashboard is { } dashboard
            ? $"  {"Dashboard",-16} {dashboard.LoginUrl}"
            : DashboardAccess.WhyNot(orchestrator.Settings));
    }
}
