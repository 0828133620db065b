using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using TalentSphere.AppHost.LocalHosting;

namespace TalentSphere.AppHost.Tests;

/// <summary>One mesh for the tests that only look at it or leave it as it was.</summary>
public sealed class RunningMesh : IAsyncLifetime
{
    private readonly PortLeases _ports = new();

    internal MeshProcess Mesh { get; private set; } = null!;

    public int FreePort() => _ports.Take();

    public async ValueTask InitializeAsync() => Mesh = await MeshProcess.StartHealthyAsync(FreePort());

    public async ValueTask DisposeAsync()
    {
        await Mesh.DisposeAsync();
        _ports.Dispose();
    }
}

/// <summary>What only a mesh in a process of its own can show.</summary>
public sealed class MeshProcessTests(RunningMesh running) : IClassFixture<RunningMesh>
{
    [Fact]
    public async Task A_second_mesh_beside_it_leaves_nothing_when_killed_comes_back_and_stops_in_order()
    {
        var port = running.FreePort();
        await using var killed = await MeshProcess.StartHealthyAsync(port);
        var family = killed.Family();
        family.Count.ShouldBeGreaterThan(10, "AppHost, three servers with their helpers, a gateway, three services");
        killed.Kill();
        // A process counts as dead when its first thread is; the last one closes its sockets.
        await LocalRun.EventuallyAsync(
            () => Task.FromResult((!family.Any(MeshProcess.Lives) && PortLeases.IsFree(port), $"{string.Join(", ", family.Where(MeshProcess.Lives))}; the port is {(PortLeases.IsFree(port) ? "free" : "taken")}")),
            seconds: 5);

        // Whatever the kill left behind is no hindrance.
        await using var again = await MeshProcess.StartHealthyAsync(port, killed.State);
        family = again.Family();
        Signals.Send(again.Id, Signals.Interrupt);
        (await again.ExitAsync()).ShouldBe(0);

        family.ShouldNotContain(p => MeshProcess.Lives(p));
        var output = again.Output;
        var ends = new[] { "gateway          exited", "one              exited", "postgres         stopping" }
            .Select(s => output.IndexOf(s, StringComparison.Ordinal)).ToList();
        ends.ShouldBeInOrder(SortDirection.Ascending);
        ends[0].ShouldBeGreaterThan(0);
        (await running.Mesh.ResourceAsync("gateway")).GetProperty("health").GetString().ShouldBe("Healthy");
    }

    [Fact]
    public async Task A_second_mesh_on_the_same_state_is_refused_in_one_sentence()
    {
        await using var same = MeshProcess.Start(running.Mesh.State, running.FreePort(), ownsState: false);
        (await same.ExitAsync()).ShouldBe(1);
        same.Output.Trim().ShouldBe($"A mesh already runs on {running.Mesh.State} (pid {running.Mesh.Id}): stop it first, or give another MESH_STATE.");
    }

    [Fact]
    public async Task A_taken_port_is_named_in_one_sentence()
    {
        await using var taken = MeshProcess.Start(LocalRun.NewState(), running.Mesh.Port);
        (await taken.ExitAsync()).ShouldBe(1);
        taken.Output.Trim().ShouldBe($"Port {running.Mesh.Port}, which gateway needs, is taken by another program: free it, or choose another (--port).");
    }

    [Fact]
    public async Task Its_status_and_connections_are_told_over_its_socket()
    {
        var mesh = running.Mesh;
        var status = await mesh.Control.GetFromJsonAsync<JsonElement>("status", LocalRun.Cancelled);
        var summary = status.GetProperty("mesh");
        summary.GetProperty("pid").GetInt32().ShouldBe(mesh.Id);
        summary.GetProperty("healthy").GetBoolean().ShouldBeTrue();
        summary.GetProperty("gatewayUrl").GetString().ShouldBe($"http://localhost:{mesh.Port}");
        summary.GetProperty("docsUrl").GetString().ShouldBe($"http://localhost:{mesh.Port}/api/docs");
        summary.GetProperty("dashboardUrl").ValueKind.ShouldBe(JsonValueKind.Null);

        var names = status.GetProperty("resources").EnumerateArray().Select(r => r.GetProperty("name").GetString()!).ToList();
        names.ShouldContain("two-1");
        names.ShouldContain("two-2");
        var one = await mesh.ResourceAsync("one");
        one.GetProperty("state").GetString().ShouldBe("Running");
        one.GetProperty("memoryBytes").GetInt64().ShouldBeGreaterThan(10_000_000);
        File.Exists(one.GetProperty("logPath").GetString()).ShouldBeTrue();

        (await mesh.Control.GetStringAsync("connections/rabbitmq", LocalRun.Cancelled)).ShouldStartWith("amqp://talentsphere:");
        (await mesh.Control.GetStringAsync("connections/redis", LocalRun.Cancelled)).ShouldStartWith("redis://:");
        (await mesh.Control.GetStringAsync("connections/one", LocalRun.Cancelled)).ShouldContain("Username=one");
        (await mesh.Control.GetAsync("connections/nobody", LocalRun.Cancelled)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task No_secret_stands_in_an_argument_or_a_log_and_what_holds_them_is_the_owners_alone()
    {
        var mesh = running.Mesh;
        var parameters = Path.Combine(mesh.State, "parameters.json");
        File.GetUnixFileMode(parameters).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.GetUnixFileMode(mesh.State).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var secrets = JsonSerializer.Deserialize<Dictionary<string, string>>(await File.ReadAllTextAsync(parameters, LocalRun.Cancelled))!.Values;
        secrets.Count.ShouldBe(5, "three servers and two databases");

        var arguments = await Task.WhenAll(mesh.Family().Select(p => File.ReadAllTextAsync($"/proc/{p.Id}/cmdline", LocalRun.Cancelled)));
        var logs = await Task.WhenAll(Directory.GetFiles(Path.Combine(mesh.State, "logs")).Select(f => File.ReadAllTextAsync(f, LocalRun.Cancelled)));
        foreach (var text in arguments.Concat(logs).Append(mesh.Output))
            secrets.ShouldNotContain(s => text.Contains(s, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_process_stops_and_starts_on_command_and_a_killed_server_comes_back()
    {
        var mesh = running.Mesh;
        var before = (await mesh.ResourceAsync("one")).GetProperty("pid").GetInt32();
        (await CommandAsync(mesh, "stop")).ShouldBe(HttpStatusCode.NoContent);
        (await mesh.ResourceAsync("one")).GetProperty("state").GetString().ShouldBe("Exited");
        (await CommandAsync(mesh, "start")).ShouldBe(HttpStatusCode.NoContent);
        var after = await LocalRun.EventuallyAsync(async () =>
        {
            var one = await mesh.ResourceAsync("one");
            return (one.GetProperty("health").GetString() == "Healthy", one);
        });
        after.GetProperty("pid").GetInt32().ShouldNotBe(before);

        Signals.Send((await mesh.ResourceAsync("redis")).GetProperty("pid").GetInt32(), Signals.Kill);
        await LocalRun.EventuallyAsync(async () =>
        {
            var redis = await mesh.ResourceAsync("redis");
            return (redis.GetProperty("restarts").GetInt32() == 1 && redis.GetProperty("health").GetString() == "Healthy", redis);
        });
        (await CommandAsync(mesh, "explode")).ShouldBe(HttpStatusCode.BadRequest);
    }

    private static async Task<HttpStatusCode> CommandAsync(MeshProcess mesh, string command)
    {
        using var answer = await mesh.Control.PostAsync(new Uri($"resources/one/{command}", UriKind.Relative), content: null, LocalRun.Cancelled);
        return answer.StatusCode;
    }
}
