using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using TalentSphere.AppHost.LocalHosting;

namespace TalentSphere.AppHost.Tests;

/// <summary>What only a mesh in a process of its own can show, on one that is killed and started again.</summary>
public sealed class MeshProcessTests
{
    [Fact]
    public async Task A_mesh_is_told_of_kept_apart_from_others_and_leaves_nothing_when_killed()
    {
        using var ports = new PortLeases();
        var (port, otherPort) = (ports.Take(), ports.Take());
        await using var mesh = await MeshProcess.StartHealthyAsync(port);
        await StatusTellsAsync(mesh);
        await NoSecretIsInSightAsync(mesh);

        await using (var same = MeshProcess.Start(mesh.State, otherPort, ownsState: false))
        {
            (await same.ExitAsync()).ShouldBe(1);
            same.Output.Trim().ShouldBe($"A mesh already runs on {mesh.State} (pid {mesh.Id}): stop it first, or give another MESH_STATE.");
        }
        await using (var taken = MeshProcess.Start(LocalRun.NewState(), port))
        {
            (await taken.ExitAsync()).ShouldBe(1);
            taken.Output.Trim().ShouldBe($"Port {port}, which gateway needs, is taken by another program: free it, or choose another (--port).");
        }
        await CommandsActAsync(mesh);

        var family = mesh.Family();
        family.Count.ShouldBeGreaterThan(10, "AppHost, three servers with their helpers, a gateway, three services");
        mesh.Kill();
        await LocalRun.EventuallyAsync(() => Task.FromResult((!family.Any(MeshProcess.Lives), string.Join(", ", family.Where(MeshProcess.Lives)))), seconds: 5);
        PortLeases.IsFree(port).ShouldBeTrue();

        // Whatever the kill left behind is no hindrance, and the data is still there.
        await using var again = await MeshProcess.StartHealthyAsync(port, mesh.State);
        await again.Control.PostAsync(new Uri("shutdown", UriKind.Relative), content: null, LocalRun.Cancelled);
        (await again.ExitAsync()).ShouldBe(0);
        again.Output.ShouldContain("Mesh is healthy");
    }

    [Fact]
    public async Task Two_meshes_run_side_by_side_and_a_signal_stops_one_in_order()
    {
        using var ports = new PortLeases();
        await using var left = await MeshProcess.StartHealthyAsync(ports.Take());
        await using var right = await MeshProcess.StartHealthyAsync(ports.Take());
        var family = left.Family();

        Signals.Send(left.Id, Signals.Interrupt);
        (await left.ExitAsync()).ShouldBe(0);

        family.ShouldNotContain(p => MeshProcess.Lives(p));
        var output = left.Output;
        var ends = new[] { "gateway          exited", "one              exited", "postgres         stopping" }.Select(s => output.IndexOf(s, StringComparison.Ordinal));
        ends.ShouldBeInOrder(SortDirection.Ascending);
        ends.First().ShouldBeGreaterThan(0);
        (await right.ResourceAsync("gateway")).GetProperty("health").GetString().ShouldBe("Healthy");
    }

    private static async Task StatusTellsAsync(MeshProcess mesh)
    {
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

    /// <summary>No generated value stands in the arguments of any process or in any log, and what holds them is the owner's alone.</summary>
    private static async Task NoSecretIsInSightAsync(MeshProcess mesh)
    {
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

    private static async Task CommandsActAsync(MeshProcess mesh)
    {
        var before = (await mesh.ResourceAsync("one")).GetProperty("pid").GetInt32();
        (await mesh.Control.PostAsync(new Uri("resources/one/stop", UriKind.Relative), content: null, LocalRun.Cancelled)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await mesh.ResourceAsync("one")).GetProperty("state").GetString().ShouldBe("Exited");
        await mesh.Control.PostAsync(new Uri("resources/one/start", UriKind.Relative), content: null, LocalRun.Cancelled);
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
        (await mesh.Control.PostAsync(new Uri("resources/one/explode", UriKind.Relative), content: null, LocalRun.Cancelled)).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }
}
