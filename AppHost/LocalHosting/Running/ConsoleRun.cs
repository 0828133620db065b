using System.Runtime.InteropServices;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace TalentSphere.AppHost.LocalHosting;

/// <summary>
/// A mesh in a terminal: a line per change while it starts, its addresses, then until a signal or a request ends it. The first signal stops in order,
/// the second at once. Exit code 0 after a mesh that ran, 1 after one that could not.
/// </summary>
internal sealed class ConsoleRun(Orchestrator orchestrator)
{
    private const string _healthy = "healthy";
    private const string _finished = "finished";

    private readonly TaskCompletionSource _toldAll = new(TaskCreationOptions.RunContinuationsAsynchronously);

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
            {
                await Task.WhenAny(_toldAll.Task, orchestrator.ShutdownRequested).WaitAsync(stop.Token);
                TellAddresses();
            }
            await Task.WhenAny(orchestrator.ShutdownRequested, Task.Delay(Timeout.InfiniteTimeSpan, stop.Token));
            await orchestrator.StopAsync(CancellationToken.None);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            await orchestrator.StopAsync(CancellationToken.None);
        }
        catch (Exception e) when (e is DistributedApplicationException or IOException or UnauthorizedAccessException)
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
                if (orchestrator.Instances.All(i => i.Log is null || !i.Required || told.GetValueOrDefault(i.Id) is _healthy or _finished))
                    _toldAll.TrySetResult();
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return;
        }
    }

    private static string? Describe(CustomResourceSnapshot snapshot) => snapshot switch
    {
        { HealthStatus: HealthStatus.Healthy } => _healthy,
        { State.Text: "NotStarted" or "Waiting" } => null,
        { State.Text: "Finished" } => _finished,
        { State.Text: var state, ExitCode: { } code } => $"{state.ToLowerInvariant()} (code {code})",
        { State.Text: var state } => state.ToLowerInvariant(),
        _ => null,
    };

    private void TellAddresses()
    {
        Console.WriteLine($"Mesh is healthy after {(TimeProvider.System.GetUtcNow() - orchestrator.StartedAt).TotalSeconds:0.0} s");
        foreach (var url in orchestrator.ExternalUrls)
            Console.WriteLine($"  {(url.DisplayName.Length > 0 ? url.DisplayName : url.Name),-16} {url.Url}");
        Console.WriteLine(orchestrator.Dashboard is { } dashboard
            ? $"  {"Dashboard",-16} {(Console.IsOutputRedirected ? $"{dashboard.Url} (./mesh status has the link to log in)" : dashboard.LoginUrl)}"
            : DashboardAccess.WhyNot(orchestrator.Settings));
    }
}
