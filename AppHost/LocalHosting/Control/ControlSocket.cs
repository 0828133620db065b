using System.Globalization;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace TalentSphere.AppHost.LocalHosting;

/// <summary>
/// HTTP on a Unix socket that only the owner of the mesh can open: <c>control.sock</c> in the state directory, or, where that path is too long for a
/// socket (sun_path holds 107 bytes), in a private directory under /tmp that the file <c>control</c> names.
/// </summary>
internal sealed class ControlSocket : IAsyncDisposable
{
    private const int _longestPath = 100;
    private const UnixFileMode _ownerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly WebApplication _application;
    private readonly string _socket;
    private readonly string _pointer;

    private ControlSocket(WebApplication application, string socket, string pointer)
    {
        _application = application;
        _socket = socket;
        _pointer = pointer;
    }

    public static async Task<ControlSocket> StartAsync(Orchestrator orchestrator, StateDirectory state)
    {
        var pointer = Path.Combine(state.Path, "control");
        var socket = Path.Combine(state.Path, "control.sock");
        if (System.Text.Encoding.UTF8.GetByteCount(socket) > _longestPath)
            socket = Path.Combine(Directory.CreateTempSubdirectory("talentsphere-").FullName, "control.sock");
        File.Delete(socket);

        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddRoutingCore();
        builder.Services.Configure<JsonOptions>(o => o.SerializerOptions.DefaultIgnoreCondition = JsonIgnoreCondition.Never);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.ListenUnixSocket(socket));
        var application = builder.Build();
        Map(application, orchestrator);
        await application.StartAsync();
        File.SetUnixFileMode(socket, _ownerOnly);
        await File.WriteAllTextAsync(pointer, socket);
        return new(application, socket, pointer);
    }

    public async ValueTask DisposeAsync()
    {
        await _application.StopAsync();
        await _application.DisposeAsync();
        File.Delete(_pointer);
        File.Delete(_socket);
        if (Path.GetDirectoryName(_socket) != Path.GetDirectoryName(_pointer))
            Directory.Delete(Path.GetDirectoryName(_socket)!);
    }

    private static void Map(WebApplication application, Orchestrator orchestrator)
    {
        application.MapGet("/status", () => MeshStatus.Of(orchestrator));
        application.MapGet("/connections/{name}", (string name, CancellationToken cancellationToken) => ConnectionAsync(orchestrator, name, cancellationToken));
        application.MapGet("/parameters/{name}", (string name, CancellationToken cancellationToken) => ParameterAsync(orchestrator, name, cancellationToken));
        application.MapPost("/resources/{name}/{command}", (string name, string command) => CommandAsync(orchestrator, name, command));
        application.MapPost("/shutdown", () =>
        {
            orchestrator.RequestShutdown();
            return Results.Accepted();
        });
    }

    /// <summary>By the name of the resource, or by the name under which a service knows it.</summary>
    private static async Task<IResult> ConnectionAsync(Orchestrator orchestrator, string name, CancellationToken cancellationToken)
    {
        var resources = orchestrator.Model.Resources;
        var source = resources.OfType<IResourceWithConnectionString>().FirstOrDefault(r => r.Name == name)
            ?? resources.SelectMany(r => r.Annotations.OfType<ConnectionReferenceAnnotation>()).FirstOrDefault(a => a.ConnectionName == name)?.Source;
        if (source is null)
            return Results.Text($"There is no connection '{name}'.", statusCode: StatusCodes.Status404NotFound);
        var uri = source.GetConnectionProperties().FirstOrDefault(p => p.Key == "Uri").Value;
        return Results.Text(await (uri ?? source.ConnectionStringExpression).GetValueAsync(cancellationToken));
    }

    private static async Task<IResult> ParameterAsync(Orchestrator orchestrator, string name, CancellationToken cancellationToken) =>
        orchestrator.Model.Resources.OfType<ParameterResource>().FirstOrDefault(p => p.Name == name) is { } parameter
            ? Results.Text(await parameter.GetValueAsync(cancellationToken))
            : Results.Text($"There is no parameter '{name}'.", statusCode: StatusCodes.Status404NotFound);

    private static async Task<IResult> CommandAsync(Orchestrator orchestrator, string name, string command)
    {
        var instances = orchestrator.Instances.Where(i => i.Log is not null && (i.Name == name || i.Resource.Name == name)).ToList();
        if (instances.Count == 0)
            return Results.Text($"There is no process '{name}'.", statusCode: StatusCodes.Status404NotFound);
        if (!ResourceCommands.Names.Contains(command))
            return Results.Text($"'{command}' is none of {string.Join(", ", ResourceCommands.Names)}.", statusCode: StatusCodes.Status400BadRequest);
        await Task.WhenAll(instances.Select(i => ResourceCommands.ExecuteAsync(i, command)));
        return Results.NoContent();
    }
}

/// <summary>What one can do with a process.</summary>
internal static class ResourceCommands
{
    public static readonly IReadOnlyList<string> Names = ["start", "stop", "restart"];

    public static async Task ExecuteAsync(ResourceInstance instance, string command)
    {
        if (command is "stop" or "restart")
            await instance.StopAsync();
        if (command is "start" or "restart")
            await instance.StartAsync();
    }
}

/// <summary>The answer of <c>GET /status</c>. Times in UTC, memory (resident set) in bytes.</summary>
internal sealed record MeshStatus(MeshSummary Mesh, IReadOnlyList<ResourceStatus> Resources)
{
    public static MeshStatus Of(Orchestrator orchestrator)
    {
        var urls = orchestrator.ExternalUrls.ToList();
        return new(
            new(Environment.ProcessId, orchestrator.StartedAt, orchestrator.IsHealthy, urls.FirstOrDefault()?.Url, orchestrator.Dashboard?.LoginUrl,
                urls.Find(u => u.DisplayName == "API docs")?.Url),
            [.. orchestrator.Instances.Select(ResourceStatus.Of)]);
    }
}

internal sealed record MeshSummary(int Pid, DateTimeOffset StartedAt, bool Healthy, string? GatewayUrl, string? DashboardUrl, string? DocsUrl);

internal sealed record ResourceStatus(
    string Name, string Type, string State, string? Health, int? Pid, IReadOnlyList<int> Ports, IReadOnlyList<string> Urls, long? UptimeSeconds,
    long? MemoryBytes, int Restarts, string? LastError, string? LogPath)
{
    public static ResourceStatus Of(ResourceInstance instance)
    {
        var snapshot = instance.Snapshot;
        var endpoints = instance.Resource.Annotations.OfType<EndpointAnnotation>();
        var pid = instance.ProcessId;
        return new(
            instance.Name, snapshot.ResourceType, snapshot.State?.Text ?? "Unknown", snapshot.HealthStatus?.ToString(), pid,
            [.. endpoints.Select(e => e.Ports[instance.Replica])], [.. snapshot.Urls.Select(u => u.Url)],
            pid is not null && snapshot.StartTimeStamp is { } started ? (long)(TimeProvider.System.GetUtcNow().UtcDateTime - started).TotalSeconds : null,
            ProcessMemory.Resident(pid), instance.Restarts, instance.Trouble(), instance.Log?.Path);
    }
}

internal static class ProcessMemory
{
    /// <summary>Resident bytes of a process (proc(5), statm) and, with PostgreSQL in mind, without its children; null when it is gone.</summary>
    public static long? Resident(int? pid)
    {
        if (pid is null)
            return null;
        try
        {
            var pages = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/statm")).Split(' ')[1];
            return long.Parse(pages, CultureInfo.InvariantCulture) * Environment.SystemPageSize;
        }
        catch (IOException)
        {
            return null;
        }
    }
}
