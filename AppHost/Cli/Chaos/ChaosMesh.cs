using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Npgsql;
using TalentSphere.Cli.Commands;
using TalentSphere.Cli.Machine;
using TalentSphere.Cli.Mesh;

namespace TalentSphere.Cli.Chaos;

/// <summary>
/// A whole mesh to be mistreated: on a state directory and ports of its own, without dashboard, and gone when this process ends, however that ends.
/// </summary>
internal sealed class ChaosMesh : IAsyncDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan _age = TimeSpan.FromSeconds(8);

    private readonly string _home;
    private readonly Process _appHost;

    private ChaosMesh(string home, Process appHost)
    {
        _home = home;
        _appHost = appHost;
    }

    public ControlClient Control { get; private set; } = null!;

    public EvidenceReader Evidence { get; private set; } = null!;

    public Uri Gateway { get; private set; } = null!;

    /// <summary>Where its logs are until it is disposed of.</summary>
    public string Logs => Path.Combine(State, "logs");

    private string State => Path.Combine(_home, "state");

    /// <summary>Starts what was built last, with everything it keeps under <paramref name="home"/>; what is there is deleted, now and at the end.</summary>
    public static async Task<ChaosMesh> StartAsync(string home, CancellationToken cancellationToken)
    {
        StateFiles.Delete(Path.Combine(home, "state"));
        var log = Path.Combine(Directory.CreateDirectory(home).FullName, "apphost.log");
        var options = new UpOptions { Port = FreePort(), Limits = "load", Dashboard = false };
        var mesh = new ChaosMesh(home, await LaunchAsync(Path.Combine(home, "state"), log, options));
        try
        {
            mesh.Control = await mesh.HealthyAsync(log, cancellationToken);
            mesh.Evidence = new EvidenceReader(mesh.Control);
            mesh.Gateway = new Uri($"http://127.0.0.1:{options.Port}");
            await mesh.UntilAsync(mesh.AllListenAsync, "every subscriber to listen", _patience, cancellationToken);
            // RabbitMQ 3.10 can lose the leader of a quorum queue for good when it is killed within seconds of declaring it.
            await Task.Delay(_age, cancellationToken);
            return mesh;
        }
        catch
        {
            await mesh.DisposeAsync();
            throw;
        }
    }

    /// <summary>SIGKILL to a resource's process, as soon as there is one.</summary>
    public async Task KillAsync(string name, CancellationToken cancellationToken)
    {
        var pid = 0;
        async Task<bool> IsThereAsync()
        {
            pid = (await Control.StatusAsync(cancellationToken)).Resources.Single(r => r.Name == name).Pid ?? 0;
            return pid != 0;
        }
        await UntilAsync(IsThereAsync, $"a process of {name}", _patience, cancellationToken);
        try
        {
            using var process = Process.GetProcessById(pid);
            process.Kill();
        }
        catch (ArgumentException)
        {
            // It ended in the same moment.
            return;
        }
    }

    /// <summary>Waits until every resource is healthy.</summary>
    public Task HealthyAsync(CancellationToken cancellationToken) =>
        UntilAsync(async () => (await Control.StatusAsync(cancellationToken)).Mesh.Healthy, "the mesh to be healthy", _patience, cancellationToken);

    /// <summary>
    /// Waits until nothing is under way: outboxes and queues are empty, each submission is judged, and each event has reached its subscribers. Gives up, without a word, when nothing
    /// has moved for a while: then something is missing, and the comparison says what.
    /// </summary>
    public async Task<Progress> RestAsync(Baseline baseline, TimeSpan stall, CancellationToken cancellationToken)
    {
        await HealthyAsync(cancellationToken);
        Progress? before = null;
        var since = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                var now = await Evidence.ProgressAsync(baseline, cancellationToken);
                if (before is { IsRest: true } && now.IsRest && now.Events == before.Events)
                    return now;
                if (before is null || (now.Pending, now.Events, now.Arrived, now.Unjudged, now.Queued) != (before.Pending, before.Events, before.Arrived, before.Unjudged, before.Queued))
                    since.Restart();
                before = now;
            }
            catch (Exception e) when (EvidenceReader.IsAway(e) && since.Elapsed < _patience)
            {
                before = null;
            }
            if (before is not null && since.Elapsed > stall)
                return before;
            await Task.Delay(250, cancellationToken);
        }
    }

    /// <summary>Marks some published events of a service as unpublished, so that its relay sends them again.</summary>
    public async Task RepublishAsync(string service, Baseline baseline, int count, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await using var db = await Evidence.OpenAsync(service, cancellationToken);
                await using var mark = new NpgsqlCommand(
                    """
                    UPDATE outbox_messages SET published_at = NULL WHERE id IN (
                        SELECT id FROM outbox_messages WHERE published_at IS NOT NULL AND sequence > $1 ORDER BY random() LIMIT $2)
                    """, db)
                { Parameters = { new() { Value = baseline.Sequences[service] }, new() { Value = count } } };
                await mark.ExecuteNonQueryAsync(cancellationToken);
                await using var wake = new NpgsqlCommand("NOTIFY outbox_messages", db);
                await wake.ExecuteNonQueryAsync(cancellationToken);
                return;
            }
            catch (Exception e) when (EvidenceReader.IsAway(e))
            {
                // PostgreSQL is away in the same moment; what its own absence does is another fault's business.
                await Task.Delay(200, cancellationToken);
            }
        }
    }

    /// <summary>Restarts every process in order, so that pauses which grew with the crashes begin anew.</summary>
    public async Task RefreshAsync(CancellationToken cancellationToken)
    {
        await Task.WhenAll(Plan.Services.Append("gateway").Append("rabbitmq").Select(name => Control.CommandAsync(name, "restart", cancellationToken)));
        await HealthyAsync(cancellationToken);
        await UntilAsync(AllListenAsync, "every subscriber to listen", _patience, cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (Control is { } control)
        {
            using (control)
            {
                try
                {
                    await control.ShutdownAsync(CancellationToken.None);
                }
                catch (HttpRequestException)
                {
                    // It is ending already, with the terminal's Ctrl-C for instance.
                    _appHost.Refresh();
                }
            }
        }
        else if (!_appHost.HasExited)
        {
            using var terminate = Tool.Start("kill", ["-s", "TERM", _appHost.Id.ToString()]);
            await terminate.WaitForExitAsync();
        }
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        try
        {
            await _appHost.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            // Its children die with it.
            _appHost.Kill();
        }
        _appHost.Dispose();
        StateFiles.Delete(State);
        Directory.Delete(_home, recursive: true);
    }

    private async Task<bool> AllListenAsync()
    {
        try
        {
            return Progress.AllListen(await Evidence.QueuesAsync(CancellationToken.None));
        }
        catch (Exception e) when (EvidenceReader.IsAway(e))
        {
            return false;
        }
    }

    private async Task UntilAsync(Func<Task<bool>> ask, string what, TimeSpan patience, CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        while (!await ask())
        {
            if (watch.Elapsed > patience)
                throw new MeshException($"waited {watch.Elapsed.TotalSeconds:0} s for {what}; the logs are in {Logs}");
            await Task.Delay(100, cancellationToken);
        }
    }

    private async Task<ControlClient> HealthyAsync(string log, CancellationToken cancellationToken)
    {
        ControlClient? control = null;
        await UntilAsync(
            async () =>
            {
                if (_appHost.HasExited)
                    throw new MeshException($"the mesh did not start\n{Tool.Tail(log)}");
                control ??= await ControlClient.FindAsync(cancellationToken, State);
                return control is not null && (await control.StatusAsync(cancellationToken)).Mesh.Healthy;
            },
            "the mesh to be healthy", _patience, cancellationToken);
        return control!;
    }

    /// <summary>
    /// The kernel ties a parent-death signal to the thread that started the child: this one lives exactly as long as the child. In a session of its own it
    /// does not get the terminal's Ctrl-C as well.
    /// </summary>
    private static Task<Process> LaunchAsync(string state, string log, UpOptions options)
    {
        var started = new TaskCompletionSource<Process>(TaskCreationOptions.RunContinuationsAsynchronously);
        var keeper = new Thread(() =>
        {
            try
            {
                const string script = "log=$1; shift; exec setsid setpriv --pdeathsig TERM \"$@\" >\"$log\" 2>&1 </dev/null";
                string[] arguments = ["-c", script, "sh", log, "dotnet", MeshPaths.Assembly("AppHost"), .. options.ToArguments()];
                var environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["MESH_STATE"] = state, ["Mesh__Ephemeral"] = "true" };
                var appHost = Tool.Start("/bin/sh", arguments, environment);
                started.SetResult(appHost);
                appHost.WaitForExit();
            }
            catch (Exception e) when (!started.Task.IsCompleted)
            {
                started.SetException(e);
            }
            catch (InvalidOperationException)
            {
                // Disposed of after it had ended: there is nothing left to wait for.
                return;
            }
        })
        { IsBackground = true, Name = "chaos mesh" };
        keeper.Start();
        return started.Task;
    }

    /// <summary>A port that nobody listens on at the moment, below those that the system hands to outgoing connections.</summary>
    private static int FreePort()
    {
        while (true)
        {
            using var listener = new TcpListener(IPAddress.Loopback, Random.Shared.Next(20_000, 30_000));
            try
            {
                listener.Start();
                return ((IPEndPoint)listener.LocalEndpoint).Port;
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
            {
                continue;
            }
        }
    }
}
