using System.Buffers.Binary;
using System.Net;
using Google.Protobuf;
using Microsoft.Extensions.DependencyInjection;
using TalentSphere.AppHost.LocalHosting;
using TalentSphere.AppHost.LocalHosting.Wire;

namespace TalentSphere.AppHost.Tests;

/// <summary>The resource service as the dashboard meets it: raw gRPC frames over cleartext HTTP/2.</summary>
public sealed class DashboardFeedTests : IAsyncLifetime
{
    private readonly string _dashboard = LocalRun.NewState();
    private readonly HttpClient _http = new();
    private DistributedApplication _app = null!;
    private DashboardAccess _access = null!;

    public async ValueTask InitializeAsync()
    {
        // A program in the place of the dashboard, which does nothing: the feed is what is tested.
        var program = Directory.CreateDirectory(Path.Combine(_dashboard, "bundle", "managed")).FullName + "/aspire-managed";
        await File.WriteAllTextAsync(program, "#!/bin/sh\nexec sleep 1000\n");
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var builder = LocalRun.Builder("--Mesh:DashboardDirectory", _dashboard);
        var password = builder.AddGeneratedSecret("password", 24);
        var server = builder.AddFixture("server").WithEnvironment("SECRET", password);
        builder.AddFixture("service").WithReference(server).WaitFor(server).WithReplicas(2);
        _app = builder.Build();
        await _app.StartAsync(LocalRun.Cancelled);
        _access = _app.Services.GetRequiredService<Orchestrator>().Dashboard!;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _http.Dispose();
        Directory.Delete(_dashboard, recursive: true);
    }

    [Fact]
    public async Task A_watcher_gets_everything_at_once_then_each_change()
    {
        using var call = await CallAsync("WatchResources", new WatchRequest());
        await using var stream = await call.Content.ReadAsStreamAsync(LocalRun.Cancelled);

        var initial = (await ReadAsync<Update>(stream)).InitialData.Resources;
        initial.Count(r => r.DisplayName == "service").ShouldBe(2);
        initial.ShouldAllBe(r => r.CreatedAt != null && r.Urls.All(u => u.Display != null) && r.Properties.All(p => p.Value != null));
        var server = initial.Single(r => r.DisplayName == "server");
        server.State.ShouldBe("Running");
        server.ResourceType.ShouldBe("Project");
        server.HealthReports.ShouldHaveSingleItem().Status.ShouldBe(HealthStatus.Healthy);
        server.Environment.Single(e => e.Name == "SECRET").Value.ShouldBe("••••••••");
        server.Environment.Single(e => e.Name == "OTEL_RESOURCE_ATTRIBUTES").Value.ShouldBe($"service.instance.id={server.Name["server-".Length..]}");
        server.Environment.ShouldContain(e => e.Name == "OTEL_EXPORTER_OTLP_ENDPOINT");
        initial.First(r => r.DisplayName == "service").Relationships.Select(r => $"{r.Type} {r.ResourceName}")
            .ShouldBe(["Reference server", "WaitFor server"]);
        initial.Single(r => r.DisplayName == "password").Properties.Single(p => p.Name == "Value").Value.StringValue.ShouldBe("••••••••");

        var command = new CommandRequest { CommandName = "stop", ResourceName = server.Name, ResourceType = "Project" };
        (await OnceAsync<CommandResponse>("ExecuteResourceCommand", command)).Kind.ShouldBe(CommandOutcome.Succeeded);
        var states = new List<string>();
        while (states.LastOrDefault() != "Exited")
        {
            foreach (var change in (await ReadAsync<Update>(stream)).Changes.Value.Where(c => c.Upsert.Name == server.Name))
            {
                states.Add(change.Upsert.State);
                change.Upsert.Urls.ShouldNotBeEmpty("a change replaces the whole resource");
            }
        }
        states[0].ShouldBeOneOf("Stopping", "Exited");
    }

    [Fact]
    public async Task Logs_come_from_the_first_line_and_go_on()
    {
        var orchestrator = _app.Services.GetRequiredService<Orchestrator>();
        var server = orchestrator.Instances.Single(i => i.Name == "server");
        using var call = await CallAsync("WatchResourceConsoleLogs", new LogsRequest { ResourceName = server.Id });
        await using var stream = await call.Content.ReadAsStreamAsync(LocalRun.Cancelled);

        var first = (await ReadAsync<LogsUpdate>(stream)).LogLines[0];
        first.LineNumber.ShouldBe(1);
        first.Text.ShouldMatch(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z fixture started$");
        using var web = new HttpClient();
        var port = server.Resource.Annotations.OfType<EndpointAnnotation>().Single().Ports[0];
        await web.PostAsync(new Uri($"http://127.0.0.1:{port}/say?text=hello"), content: null, LocalRun.Cancelled);
        (await ReadAsync<LogsUpdate>(stream)).LogLines[0].Text.ShouldEndWith("Z hello");
    }

    [Fact]
    public async Task Whoever_lacks_the_key_is_refused()
    {
        using var call = await CallAsync("WatchResources", new WatchRequest(), key: "guess");
        await call.Content.ReadAsByteArrayAsync(LocalRun.Cancelled);
        call.TrailingHeaders.GetValues("grpc-status").ShouldHaveSingleItem().ShouldBe("16");
    }

    private async Task<HttpResponseMessage> CallAsync(string method, IMessage message, string? key = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, $"http://127.0.0.1:{_access.Feed}/aspire.v1.DashboardService/{method}")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(GrpcMessages.Frame(message)) { Headers = { ContentType = new("application/grpc") } },
            Headers = { { "x-resource-service-api-key", key ?? _access.FeedKey } },
        };
        return await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, LocalRun.Cancelled);
    }

    private async Task<T> OnceAsync<T>(string method, IMessage message) where T : IMessage<T>, new()
    {
        using var call = await CallAsync(method, message);
        await using var stream = await call.Content.ReadAsStreamAsync(LocalRun.Cancelled);
        return await ReadAsync<T>(stream);
    }

    private static async Task<T> ReadAsync<T>(Stream stream) where T : IMessage<T>, new()
    {
        var header = new byte[5];
        await stream.ReadExactlyAsync(header, LocalRun.Cancelled);
        header[0].ShouldBe((byte)0, "not compressed");
        var body = new byte[BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(1))];
        await stream.ReadExactlyAsync(body, LocalRun.Cancelled);
        var message = new T();
        message.MergeFrom(body);
        return message;
    }
}
