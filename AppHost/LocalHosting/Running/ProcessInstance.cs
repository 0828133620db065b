namespace TalentSphere.AppHost.LocalHosting;

/// <summary>
/// A resource with a process: started when its dependencies are there, started again with growing pauses when it ends unasked (0.5 s, doubled up to 30 s,
/// from the beginning after a minute of health), stopped by signal.
/// </summary>
internal sealed class ProcessInstance(IResource resource, int replica, string name, MeshContext mesh, ResourceLog log, Launcher launcher)
    : ResourceInstance(resource, replica, name, mesh)
{
    private const int _triesToStart = 3;

    private static readonly TimeSpan _firstPause = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan _longestPause = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan _healthyForLong = TimeSpan.FromSeconds(60);

    private readonly SemaphoreSlim _commands = new(1, 1);
    private CancellationTokenSource _stop = new();
    private Task _run = Task.CompletedTask;
    private ChildProcess? _process;

    public override ResourceLog? Log => log;

    public override int? ProcessId => _process is { Exited.IsCompleted: false } process ? process.Id : null;

    /// <summary>Does nothing when it is already started.</summary>
    public override async Task StartAsync()
    {
        await _commands.WaitAsync();
        try
        {
            if (!_run.IsCompleted)
                return;
            _stop.Dispose();
            _stop = new();
            _run = Task.Run(SuperviseAsync);
        }
        finally
        {
            _commands.Release();
        }
    }

    /// <summary>Returns when the process is gone.</summary>
    public override async Task StopAsync()
    {
        await _commands.WaitAsync();
        try
        {
            await _stop.CancelAsync();
            await _run;
        }
        finally
        {
            _commands.Release();
        }
    }

    private async Task SuperviseAsync()
    {
        var stop = _stop.Token;
        var pause = _firstPause;
        try
        {
            await WaitForDependenciesAsync(stop);
            if (Resource is ProjectResource)
            {
                Publish(s => s with { State = KnownResourceStates.Waiting });
                await Mesh.Turns.WaitAsync(FirstHealthy, stop);
            }
            while (true)
            {
                var (code, healthyFor) = await RunOnceAsync(stop);
                if (stop.IsCancellationRequested || IsDone(code))
                    return;
                pause = healthyFor > _healthyForLong ? _firstPause : pause;
                ReportExit(code, pause);
                await Task.Delay(pause, Mesh.Time, stop);
                pause = pause * 2 < _longestPause ? pause * 2 : _longestPause;
                Restarts++;
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            Publish(s => s with { State = KnownResourceStates.Exited, HealthReports = HealthProbe.Pending(Resource) });
        }
        catch (Exception e)
        {
            LastError = e.Message;
            log.Append(e is DistributedApplicationException ? e.Message : e.ToString(), isError: true);
            Publish(s => s with { State = KnownResourceStates.FailedToStart, StopTimeStamp = Now() });
            if (Required)
                Mesh.Fail($"{Name} cannot start: {e.Message} Its log: {log.Path}");
        }
    }

    /// <summary>One life of the process: its exit code, and for how long it had been healthy at the end.</summary>
    private async Task<(int Code, TimeSpan HealthyFor)> RunOnceAsync(CancellationToken stop)
    {
        Publish(s => s with { State = KnownResourceStates.Starting, StopTimeStamp = null, ExitCode = null, HealthReports = HealthProbe.Pending(Resource) });
        var (spec, environment) = await launcher.PrepareAsync(this, log, stop);
        if (spec.Companion is not { } beside)
            return await RunOnceAsync(spec, environment, stop);
        var companion = await ChildProcess.StartAsync(beside, log);
        try
        {
            if (beside.Port is { } port)
                await companion.ListensAsync(port, stop);
            return await RunOnceAsync(spec, environment, stop);
        }
        finally
        {
            await companion.StopAsync(Mesh.Settings.StopTimeout, Mesh.Hurry);
        }
    }

    private async Task<(int Code, TimeSpan HealthyFor)> RunOnceAsync(LaunchSpec spec, ProcessEnvironment environment, CancellationToken stop)
    {
        var process = await ChildProcess.StartAsync(spec, log);
        _process = process;
        using var alive = CancellationTokenSource.CreateLinkedTokenSource(stop);
        Publish(s => s with
        {
            State = KnownResourceStates.Running,
            StartTimeStamp = Now(),
            EnvironmentVariables = environment.Shown(),
            Properties = s.Properties.RemoveAll(p => p.Name == "executable.pid").Add(new("executable.pid", process.Id)),
        });
        var health = WatchHealthAsync(alive.Token);
        try
        {
            await process.Exited.WaitAsync(stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            Publish(s => s with { State = KnownResourceStates.Stopping });
            if (!await process.StopAsync(Mesh.Settings.StopTimeout, Mesh.Hurry))
                log.Append($"{Name} did not end within {Mesh.Settings.StopTimeout.TotalSeconds} s of being asked to and was killed.", isError: true);
        }
        var code = await process.Exited;
        var healthyFor = HealthySince is { } since ? Mesh.Time.GetElapsedTime(since) : TimeSpan.Zero;
        await alive.CancelAsync();
        await health;
        var done = IsDone(code);
        Publish(s => s with
        {
            State = done && !stop.IsCancellationRequested ? KnownResourceStates.Finished : KnownResourceStates.Exited,
            ExitCode = code,
            StopTimeStamp = Now(),
            HealthReports = HealthProbe.Pending(Resource),
        });
        if (done)
            MarkDone();
        return (code, healthyFor);
    }

    /// <summary>Work that somebody waits for the end of, and that has ended well.</summary>
    private bool IsDone(int code) => code == 0 && launcher.IsAwaitedToComplete(Resource);

    private void ReportExit(int code, TimeSpan pause)
    {
        var end = code > 128 ? $"was ended by signal {code - 128}" : $"ended with code {code}";
        LastError = end;
        if (log.LastLine() is { } said)
            LastError += $" after saying \"{(said.Length > 200 ? $"{said[..200]}…" : said)}\"";
        log.Append($"{Name} {end} and starts again in {pause.TotalSeconds} s.", isError: true);
        var tries = Resource is ContainerResource ? 1 : _triesToStart;
        if (Required && !FirstHealthy.IsCompleted && Restarts + 1 >= tries)
            Mesh.Fail($"{Name} {LastError}; its log: {log.Path}");
    }

    private DateTime Now() => Mesh.Time.GetUtcNow().UtcDateTime;
}
