using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using TalentSphere.AppHost.LocalHosting.Wire;

namespace TalentSphere.AppHost.LocalHosting;

/// <summary>What the Aspire dashboard shows: <c>aspire.v1.DashboardService</c> over cleartext HTTP/2 on loopback, for whoever has the key.</summary>
internal sealed class ResourceService : IAsyncDisposable
{
    private readonly WebApplication _application;
    private readonly Orchestrator _orchestrator;
    private readonly byte[] _key;
    private readonly CancellationTokenSource _stopping = new();

    private ResourceService(WebApplication application, Orchestrator orchestrator, DashboardAccess dashboard)
    {
        _application = application;
        _orchestrator = orchestrator;
        _key = Encoding.UTF8.GetBytes(dashboard.FeedKey);
    }

    public static async Task<ResourceService> StartAsync(Orchestrator orchestrator, DashboardAccess dashboard)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddRoutingCore();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
            kestrel.Listen(IPAddress.Loopback, dashboard.Feed, listen => listen.Protocols = HttpProtocols.Http2));
        var service = new ResourceService(builder.Build(), orchestrator, dashboard);
        service.Map("GetApplicationInformation", service.TellApplicationAsync);
        service.Map("WatchResources", service.WatchResourcesAsync);
        service.Map("WatchResourceConsoleLogs", service.WatchLogsAsync);
        service.Map("ExecuteResourceCommand", service.ExecuteAsync);
        service.Map("WatchInteractions", service.HoldOpenAsync);
        await service._application.StartAsync();
        return service;
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _application.StopAsync();
        await _application.DisposeAsync();
        _stopping.Dispose();
    }

    private void Map(string method, Func<HttpContext, CancellationToken, Task> handle) =>
        _application.MapPost($"/aspire.v1.DashboardService/{method}", context => AnswerAsync(context, handle));

    private async Task AnswerAsync(HttpContext context, Func<HttpContext, CancellationToken, Task> handle)
    {
        GrpcMessages.Begin(context);
        if (!HasKey(context))
        {
            GrpcMessages.End(context, GrpcMessages.Unauthenticated);
            return;
        }
        using var end = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, _stopping.Token);
        try
        {
            await handle(context, end.Token);
            GrpcMessages.End(context, GrpcMessages.Ok);
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            // A stream that ends with OK is asked for again without a pause.
            GrpcMessages.End(context, GrpcMessages.Unavailable);
        }
    }

    private bool HasKey(HttpContext context) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(context.Request.Headers["x-resource-service-api-key"].ToString()), _key);

    private Task TellApplicationAsync(HttpContext context, CancellationToken cancellationToken) =>
        GrpcMessages.WriteAsync(context, new AppInfo { ApplicationName = "TalentSphere" }, cancellationToken);

    private async Task WatchResourcesAsync(HttpContext context, CancellationToken cancellationToken)
    {
        using var subscription = _orchestrator.Notifications.Subscribe();
        var snapshot = new Snapshot();
        snapshot.Resources.AddRange(subscription.Known.Select(Project).OfType<Res>());
        await GrpcMessages.WriteAsync(context, new Update { InitialData = snapshot }, cancellationToken);
        while (await subscription.Changes.WaitToReadAsync(cancellationToken))
        {
            // An entry replaces the whole resource: of several that wait, the last is enough.
            var latest = new Dictionary<string, ResourceEvent>(StringComparer.Ordinal);
            while (subscription.Changes.TryRead(out var change))
                latest[change.ResourceId] = change;
            var changes = new Changes();
            changes.Value.AddRange(latest.Values.Select(Project).OfType<Res>().Select(r => new Change { Upsert = r }));
            if (changes.Value.Count > 0)
                await GrpcMessages.WriteAsync(context, new Update { Changes = changes }, cancellationToken);
        }
    }

    private async Task WatchLogsAsync(HttpContext context, CancellationToken cancellationToken)
    {
        var request = await GrpcMessages.ReadAsync<LogsRequest>(context);
        if (Find(request.ResourceName)?.Log is not { } log)
            return;
        await context.Response.StartAsync(cancellationToken);
        await foreach (var batch in log.ReadAsync(follow: !request.SuppressFollow, cancellationToken))
        {
            var update = new LogsUpdate();
            update.LogLines.AddRange(batch.Select(e => new LogLine { Text = e.Stamped, IsStdErr = e.IsError, LineNumber = e.Number }));
            await GrpcMessages.WriteAsync(context, update, cancellationToken);
        }
    }

    private async Task ExecuteAsync(HttpContext context, CancellationToken cancellationToken)
    {
        var request = await GrpcMessages.ReadAsync<CommandRequest>(context);
        var response = new CommandResponse { Kind = CommandOutcome.Succeeded };
        if (Find(request.ResourceName) is { Log: not null } instance && ResourceCommands.Names.Contains(request.CommandName))
            await ResourceCommands.ExecuteAsync(instance, request.CommandName);
        else
            response = new() { Kind = CommandOutcome.Failed, Message = $"'{request.ResourceName}' knows no command '{request.CommandName}'." };
        await GrpcMessages.WriteAsync(context, response, cancellationToken);
    }

    /// <summary>The dashboard takes an end of this stream for a lost connection; there is nothing to ask anybody, so it only stays open.</summary>
    private async Task HoldOpenAsync(HttpContext context, CancellationToken cancellationToken)
    {
        await context.Response.StartAsync(cancellationToken);
        await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
    }

    /// <summary>Under which name the dashboard knows the resource of that name.</summary>
    private string NameOf(string resource) => _orchestrator.Instances.FirstOrDefault(i => i.Resource.Name == resource)?.Id ?? resource;

    private ResourceInstance? Find(string id) => _orchestrator.Instances.FirstOrDefault(i => i.Id == id);

    private Res? Project(ResourceEvent change) => Find(change.ResourceId) is { } instance ? DashboardProjection.Of(instance, change.Snapshot, NameOf) : null;
}
