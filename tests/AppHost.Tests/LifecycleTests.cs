namespace TalentSphere.AppHost.Tests;

public sealed class LifecycleTests
{
    [Fact]
    public async Task A_service_starts_only_when_what_it_waits_for_is_healthy_and_the_culprit_is_named()
    {
        var state = LocalRun.NewState();
        var builder = LocalRun.Builder("--Mesh:StateDirectory", state, "--Mesh:StartupTimeout", "3");
        var slow = builder.AddFixture("slow").WithEnvironment("FIXTURE_UNREADY", "1");
        builder.AddFixture("waiting").WaitFor(slow);
        await using var app = builder.Build();
        var seen = RecordAsync(app);

        var failure = await Should.ThrowAsync<DistributedApplicationException>(() => app.StartAsync(LocalRun.Cancelled));

        failure.Message.ShouldBe($"slow was not healthy within 3 s (GET /ready answers 503 postgres); its log: {state}/logs/slow.log");
        (await seen).ShouldNotContain("waiting Running");
        Directory.Exists(state).ShouldBeFalse();
    }

    [Fact]
    public async Task A_service_that_waits_for_the_end_of_a_job_starts_after_it()
    {
        var builder = LocalRun.Builder();
        var job = builder.AddProject("job", LocalRun.Fixture).WithEnvironment("FIXTURE_EXIT", "0");
        builder.AddFixture("service").WaitForCompletion(job);
        var app = builder.Build();
        var seen = RecordAsync(app);
        await app.StartAsync(LocalRun.Cancelled);
        await app.DisposeAsync();

        var order = await seen;
        order.IndexOf("job Finished").ShouldBeInRange(0, order.IndexOf("service Starting"));
    }

    [Fact]
    public async Task A_service_that_dies_at_every_start_ends_the_start_with_what_it_said()
    {
        var builder = LocalRun.Builder();
        builder.AddFixture("broken").WithEnvironment("FIXTURE_EXIT", "7");
        await using var app = builder.Build();

        var failure = await Should.ThrowAsync<DistributedApplicationException>(() => app.StartAsync(LocalRun.Cancelled));

        failure.Message.ShouldStartWith("broken ended with code 7 after saying \"ending with 7 as told\"; its log: ");
    }

    [Fact]
    public async Task A_project_that_was_not_built_is_named_with_what_to_do()
    {
        var builder = LocalRun.Builder();
        builder.AddProject("absent", "../Absent/Absent.csproj").WithHttpEndpoint();
        await using var app = builder.Build();

        var failure = await Should.ThrowAsync<DistributedApplicationException>(() => app.StartAsync(LocalRun.Cancelled));

        failure.Message.ShouldContain("TalentSphere.Absent.dll is not built: run ./mesh up");
    }

    [Fact]
    public async Task Two_that_wait_for_each_other_are_refused()
    {
        var builder = LocalRun.Builder();
        var (a, b) = (builder.AddFixture("a"), builder.AddFixture("b"));
        a.WaitFor(b);
        b.WaitForStart(a);
        await using var app = builder.Build();

        (await Should.ThrowAsync<DistributedApplicationException>(() => app.StartAsync(LocalRun.Cancelled))).Message.ShouldContain("waits for itself");
    }

    [Fact]
    public async Task A_crashed_process_comes_back_on_its_port_after_growing_pauses()
    {
        var builder = LocalRun.Builder();
        var service = builder.AddFixture("service");
        await using var app = builder.Build();
        await app.StartAsync(LocalRun.Cancelled);
        var port = service.GetEndpoint("http").Port;
        using var http = new HttpClient();

        var pauses = new List<double>();
        for (var crashes = 0; crashes < 3; crashes++)
        {
            await app.ResourceNotifications.WaitForResourceHealthyAsync("service", LocalRun.Cancelled);
            var seen = app.ResourceNotifications.WatchAsync(LocalRun.Cancelled);
            var crash = new Uri($"http://127.0.0.1:{port}/crash");
            await Should.ThrowAsync<HttpRequestException>(() => http.PostAsync(crash, content: null, LocalRun.Cancelled));
            DateTime? stopped = null;
            await foreach (var change in seen)
            {
                stopped = change.Snapshot.StopTimeStamp ?? stopped;
                if (stopped is not null && change.Snapshot.State?.Text == KnownResourceStates.Running)
                {
                    pauses.Add((change.Snapshot.StartTimeStamp!.Value - stopped.Value).TotalSeconds);
                    break;
                }
            }
        }

        await app.ResourceNotifications.WaitForResourceHealthyAsync("service", LocalRun.Cancelled);
        pauses[0].ShouldBeInRange(0.5, 1.0);
        pauses[1].ShouldBeInRange(1.0, 2.0);
        pauses[2].ShouldBeInRange(2.0, 4.0);
    }

    [Fact]
    public async Task Whoever_depends_on_others_is_stopped_before_them()
    {
        var builder = LocalRun.Builder();
        var server = builder.AddFixture("server");
        var service = builder.AddFixture("service").WaitFor(server);
        builder.AddFixture("gateway").WaitForStart(service);
        var app = builder.Build();
        var seen = RecordAsync(app);
        await app.StartAsync(LocalRun.Cancelled);
        await app.DisposeAsync();

        (await seen).SkipWhile(s => s != "gateway Stopping").ShouldBe(
            ["gateway Stopping", "gateway Exited", "service Stopping", "service Exited", "server Stopping", "server Exited"]);
    }

    [Fact]
    public async Task A_process_that_does_not_end_when_asked_is_killed_in_time()
    {
        var builder = LocalRun.Builder("--Mesh:StopTimeout", "1");
        builder.AddFixture("stubborn").WithEnvironment("FIXTURE_STUBBORN", "1");
        await using var app = builder.Build();
        await app.StartAsync(LocalRun.Cancelled);
        var pid = (int)(await app.ResourceNotifications.WaitForResourceHealthyAsync("stubborn", LocalRun.Cancelled)).Snapshot.Properties
            .Single(p => p.Name == "executable.pid").Value!;

        var began = TimeProvider.System.GetTimestamp();
        await app.StopAsync(LocalRun.Cancelled);

        TimeProvider.System.GetElapsedTime(began).TotalSeconds.ShouldBeInRange(1, 5);
        Directory.Exists($"/proc/{pid}").ShouldBeFalse();
    }

    [Fact]
    public async Task A_socket_whose_path_would_be_too_long_lies_elsewhere_and_is_found()
    {
        var state = Path.Combine(LocalRun.NewState(), new string('x', 100));
        await using (var app = LocalRun.Builder("--Mesh:StateDirectory", state).Build())
        {
            await app.StartAsync(LocalRun.Cancelled);
            var socket = await File.ReadAllTextAsync(Path.Combine(state, "control"), LocalRun.Cancelled);
            socket.Length.ShouldBeLessThan(100);
            File.GetUnixFileMode(socket).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
        Directory.Exists(state).ShouldBeFalse();
        Directory.Delete(Path.GetDirectoryName(state)!);
    }

    /// <summary>The states in the order in which they came, until the resource service's end.</summary>
    private static async Task<List<string>> RecordAsync(DistributedApplication app)
    {
        var seen = new List<string>();
        var states = new Dictionary<string, string>(StringComparer.Ordinal);
        await foreach (var change in app.ResourceNotifications.WatchAsync(LocalRun.Cancelled))
        {
            var state = change.Snapshot.State?.Text ?? "";
            if (states.GetValueOrDefault(change.ResourceId) == state)
                continue;
            states[change.ResourceId] = state;
            seen.Add($"{change.Resource.Name} {state}");
        }
        return seen;
    }
}
