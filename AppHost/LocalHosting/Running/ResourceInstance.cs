using System.Collections.Immutable;
using System.Security.Cryptography;
using Aspire.Hosting.Eventing;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace TalentSphere.AppHost.LocalHosting;

/// <summary>What the instances of a running mesh share.</summary>
internal sealed record MeshContext(
    MeshSettings Settings, StateDirectory State, DistributedApplicationExecutionContext Execution, ResourceNotificationService Notifications,
    IDistributedApplicationEventing Eventing, HealthProbe Health, IServiceProvider Services, TimeProvider Time, DashboardAccess? Dashboard)
{
    /// <summary>Ends the start of the mesh with this sentence; once it has started, nothing.</summary>
    public required Action<string> Fail { get; init; }

    /// <summary>Who starts when, of those that may.</summary>
    public required StartTurns Turns { get; init; }

    /// <summary>Ends every wait for a graceful stop.</summary>
    public required CancellationToken Hurry { get; init; }
}

/// <summary>One replica of a resource, from the mesh's start to its end.</summary>
internal abstract class ResourceInstance(IResource resource, int replica, string name, MeshContext mesh)
{
    private static readonly TimeSpan _untilHealthy = TimeSpan.FromMilliseconds(400);
    private static readonly TimeSpan _whileUnhealthy = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _whileHealthy = TimeSpan.FromSeconds(10);

    private readonly TaskCompletionSource _firstHealthy = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public IResource Resource { get; } = resource;

    /// <summary>From 0.</summary>
    public int Replica { get; } = replica;

    /// <summary>The resource's name, with the replica's number from 1 when there are several.</summary>
    public string Name { get; } = name;

    /// <summary>Tells this run of this instance from any other, in traces and in the dashboard.</summary>
    public string InstanceId { get; } = RandomNumberGenerator.GetHexString(8, lowercase: true);

    public string Id => $"{Resource.Name}-{InstanceId}";

    public virtual ResourceLog? Log => null;

    public virtual int? ProcessId => null;

    public int Restarts { get; protected set; }

    public string? LastError { get; protected set; }

    /// <summary>Whether the mesh counts as unhealthy without it.</summary>
    public bool Required { get; init; } = true;

    /// <summary>Completes when it has been healthy once, or has done its work.</summary>
    public Task FirstHealthy => _firstHealthy.Task;

    public CustomResourceSnapshot Snapshot => Mesh.Notifications.TryGetCurrentState(Id, out var current)
        ? current.Snapshot
        : throw new InvalidOperationException($"{Name} is not registered.");

    /// <summary>When the health checks last began to pass without failing since.</summary>
    protected long? HealthySince { get; private set; }

    protected MeshContext Mesh { get; } = mesh;

    public abstract Task StartAsync();

    public abstract Task StopAsync();

    /// <summary>Why it is not healthy, in words.</summary>
    public string? Trouble()
    {
        var failing = Snapshot.HealthReports.FirstOrDefault(r => r.Status is HealthStatus.Unhealthy)?.Description;
        return failing ?? LastError;
    }

    protected void Publish(Func<CustomResourceSnapshot, CustomResourceSnapshot> change) => Mesh.Notifications.Publish(Resource, Id, change);

    protected void MarkDone() => _firstHealthy.TrySetResult();

    /// <summary>Makes the health checks until cancelled: often until the first success, then rarely. Raises <see cref="ResourceReadyEvent"/> once.</summary>
    protected async Task WatchHealthAsync(CancellationToken cancellationToken)
    {
        var ready = false;
        HealthySince = null;
        try
        {
            while (true)
            {
                var reports = await Mesh.Health.RunAsync(Resource, Replica, cancellationToken);
                cancellationToken.ThrowIfCancellationRequested();
                var healthy = reports.All(r => r.Status == HealthStatus.Healthy);
                HealthySince = healthy ? HealthySince ?? Mesh.Time.GetTimestamp() : null;
                if (healthy && !ready)
                {
                    ready = await TryBecomeReadyAsync(cancellationToken);
                    if (!ready)
                    {
                        HealthySince = null;
                        await Task.Delay(_whileUnhealthy, Mesh.Time, cancellationToken);
                        continue;
                    }
                }
                Publish(s => Changed(s.HealthReports, reports) ? s with { HealthReports = reports } : s);
                if (healthy)
                    _firstHealthy.TrySetResult();
                await Task.Delay(healthy ? _whileHealthy : ready ? _whileUnhealthy : _untilHealthy, Mesh.Time, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            HealthySince = null;
        }
        catch (Exception e)
        {
            ReportTrouble(e);
        }
    }

    /// <summary>False when what is to be done on readiness failed: it is tried again with the next check, unless the mesh still starts, which then fails.</summary>
    private async Task<bool> TryBecomeReadyAsync(CancellationToken cancellationToken)
    {
        try
        {
            await Mesh.Eventing.PublishAsync(new ResourceReadyEvent(Resource, Mesh.Services), cancellationToken);
            return true;
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            ReportTrouble(e);
            return false;
        }
    }

    private void ReportTrouble(Exception e)
    {
        LastError = e.Message;
        Log?.Append(e.ToString(), isError: true);
        Mesh.Fail($"{Name} cannot be made ready: {e.Message}");
    }

    /// <summary>Waits for what the resource says it waits for.</summary>
    protected async Task WaitForDependenciesAsync(CancellationToken cancellationToken)
    {
        var waits = Resource.Annotations.OfType<WaitAnnotation>().ToList();
        if (waits.Count == 0)
            return;
        Publish(s => s with { State = KnownResourceStates.Waiting });
        await Task.WhenAll(waits.Select(w => Mesh.Notifications.WaitUntilAsync(w.Resource.Name, e => Fits(w, e.Snapshot), cancellationToken)));
    }

    private static bool Fits(WaitAnnotation wait, CustomResourceSnapshot snapshot) => wait.WaitType switch
    {
        WaitType.WaitUntilHealthy => snapshot.HealthStatus == HealthStatus.Healthy,
        WaitType.WaitUntilStarted => snapshot.State?.Text == KnownResourceStates.Running,
        _ => snapshot.State?.Text == KnownResourceStates.Finished && snapshot.ExitCode == wait.ExitCode,
    };

    /// <summary>A check that only ran again is no news.</summary>
    private static bool Changed(ImmutableArray<HealthReportSnapshot> before, ImmutableArray<HealthReportSnapshot> now) =>
        before.Length != now.Length || before.Zip(now).Any(p => p.First.Status != p.Second.Status || p.First.Description != p.Second.Description);
}

/// <summary>A resource without a process: a parameter, a connection string, or a part of its parent, whose state it shares.</summary>
internal sealed class ValueInstance(IResource resource, MeshContext mesh) : ResourceInstance(resource, 0, resource.Name, mesh)
{
    private readonly CancellationTokenSource _stop = new();
    private Task _run = Task.CompletedTask;

    public override Task StartAsync()
    {
        _run = Task.Run(RunAsync);
        return Task.CompletedTask;
    }

    public override async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _run;
        Publish(s => s with { State = KnownResourceStates.Exited });
    }

    private async Task RunAsync()
    {
        try
        {
            while (true)
            {
                if (Resource is IResourceWithParent { Parent: var parent })
                    await Mesh.Notifications.WaitForResourceAsync(parent.Name, KnownResourceStates.Running, _stop.Token);
                await WhileRunningAsync();
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            return;
        }
    }

    private async Task WhileRunningAsync()
    {
        Publish(s => s with
        {
            State = KnownResourceStates.Running,
            StartTimeStamp = Mesh.Time.GetUtcNow().UtcDateTime,
            HealthReports = HealthProbe.Pending(Resource),
        });
        using var running = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        var health = WatchHealthAsync(running.Token);
        if (Resource is IResourceWithParent { Parent: var parent })
        {
            var gone = await Mesh.Notifications.WaitUntilAsync(parent.Name, e => e.Snapshot.State?.Text != KnownResourceStates.Running, _stop.Token);
            Publish(s => s with { State = gone.Snapshot.State });
        }
        else
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, Mesh.Time, _stop.Token);
        }
        await running.CancelAsync();
        await health;
    }
}
