using System.Collections.Immutable;
using Aspire.Hosting.Eventing;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace TalentSphere.AppHost.LocalHosting;

/// <summary>Starts the resources of an application as processes of this machine, keeps them running, and stops them in order.</summary>
internal sealed class Orchestrator(
    MeshSettings settings, DistributedApplicationModel model, ResourceNotificationService notifications, ResourceLoggerService loggers,
    IDistributedApplicationEventing eventing, HealthProbe health, DistributedApplicationExecutionContext execution, IServiceProvider services,
    TimeProvider time) : IAsyncDisposable
{
    private const int _startsPerProcessor = 2;

    private readonly TaskCompletionSource<string> _failure = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _shutdown = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _hurry = new();
    private readonly SemaphoreSlim _stopping = new(1, 1);
    private readonly List<ResourceInstance> _instances = [];

    private StateDirectory? _state;
    private PortLeases? _ports;
    private DashboardAccess? _dashboard;
    private ResourceService? _feed;
    private ControlSocket? _control;
    private bool _stopped;

    /// <summary>Called once the instances are known and before the first of them starts.</summary>
    public Action? Created { get; set; }

    public MeshSettings Settings => settings;

    public DistributedApplicationModel Model => model;

    public ResourceNotificationService Notifications => notifications;

    public IReadOnlyList<ResourceInstance> Instances => _instances;

    public DateTimeOffset StartedAt { get; } = time.GetUtcNow();

    public DashboardAccess? Dashboard => _dashboard;

    /// <summary>Completes when somebody asks over the control socket for the end of the mesh.</summary>
    public Task ShutdownRequested => _shutdown.Task;

    /// <summary>The links that are meant for people and clients outside of the mesh.</summary>
    public IEnumerable<UrlSnapshot> ExternalUrls =>
        _instances.Where(i => i.Resource.Annotations.OfType<EndpointAnnotation>().Any(e => e.IsExternal)).SelectMany(i => i.Snapshot.Urls);

    public bool IsHealthy => _instances.TrueForAll(i => !i.Required || i.Snapshot is { HealthStatus: HealthStatus.Healthy } or { State.Text: "Finished" });

    public void RequestShutdown() => _shutdown.TrySetResult();

    /// <summary>Ends all patience: whatever is being stopped is killed.</summary>
    public void Hurry() => _hurry.Cancel();

    /// <exception cref="DistributedApplicationException">A resource cannot start; everything that had started is stopped again.</exception>
    public async Task StartAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            RefuseCycles();
            _state = StateDirectory.Acquire(settings);
            _ports = new PortLeases();
            AllocateEndpoints(_ports);
            foreach (var parameter in model.Resources.OfType<ParameterResource>())
                _ = parameter.Value;
            foreach (var given in model.Resources.OfType<ConnectionStringResource>())
                await given.ConnectionStringExpression.GetValueAsync(cancellationToken);
            _dashboard = DashboardAccess.Prepare(settings, _ports);
            CreateInstances(_state, _ports);
            Created?.Invoke();
            await eventing.PublishAsync(new BeforeStartEvent(services, model), cancellationToken);
            _control = await ControlSocket.StartAsync(this, _state);
            if (_dashboard is not null)
                _feed = await ResourceService.StartAsync(this, _dashboard);
            foreach (var instance in _instances)
                await instance.StartAsync();
            await WaitUntilHealthyAsync(cancellationToken);
        }
        catch
        {
            await StopAsync(CancellationToken.None);
            throw;
        }
    }

    /// <summary>Stops what depends on others before those others. Never throws for a resource that will not stop: that one is killed.</summary>
    public async Task StopAsync(CancellationToken cancellationToken = default)
    {
        await using var hurry = cancellationToken.Register(Hurry);
        await _stopping.WaitAsync(CancellationToken.None);
        try
        {
            if (_stopped)
                return;
            _stopped = true;
            var stops = new Dictionary<IResource, Task>();
            if (_instances.Count > 0)
                await Task.WhenAll(model.Resources.Select(r => StopInOrder(r, stops)));
            await Task.WhenAll(_instances.Where(i => !model.Resources.Contains(i.Resource)).Select(i => i.StopAsync()));
            if (_feed is not null)
                await _feed.DisposeAsync();
            if (_control is not null)
                await _control.DisposeAsync();
            notifications.Complete();
            _instances.ForEach(i => i.Log?.Dispose());
            if (settings.Ephemeral && _state is not null)
            {
                foreach (var container in model.Resources.OfType<ContainerResource>())
                    PostgresProgram.Discard(Path.Combine(_state.Path, container.Name));
            }
            _ports?.Dispose();
            _state?.Dispose();
        }
        finally
        {
            _stopping.Release();
        }
    }

    public ValueTask DisposeAsync()
    {
        _hurry.Dispose();
        _stopping.Dispose();
        return ValueTask.CompletedTask;
    }

    private Task StopInOrder(IResource resource, Dictionary<IResource, Task> stops)
    {
        if (stops.TryGetValue(resource, out var known))
            return known;
        var before = model.Resources.Where(r => DependsOn(r, resource)).Select(r => StopInOrder(r, stops)).ToList();
        return stops[resource] = StopAfterAsync();

        async Task StopAfterAsync()
        {
            await Task.WhenAll(before);
            await Task.WhenAll(_instances.Where(i => ReferenceEquals(i.Resource, resource)).Select(i => i.StopAsync()));
        }
    }

    private static bool DependsOn(IResource resource, IResource dependency) =>
        resource.Annotations.OfType<WaitAnnotation>().Any(w => ReferenceEquals(w.Resource, dependency))
        || resource is IResourceWithParent { Parent: var parent } && ReferenceEquals(parent, dependency);

    private void RefuseCycles()
    {
        var done = new HashSet<IResource>();
        var open = new HashSet<IResource>();
        foreach (var resource in model.Resources)
            Visit(resource);

        void Visit(IResource resource)
        {
            if (done.Contains(resource))
                return;
            if (!open.Add(resource))
                throw new DistributedApplicationException($"'{resource.Name}' waits for itself, by way of others.");
            foreach (var dependency in model.Resources.Where(r => DependsOn(resource, r)))
                Visit(dependency);
            done.Add(resource);
        }
    }

    private void AllocateEndpoints(PortLeases ports)
    {
        foreach (var resource in model.Resources)
        {
            foreach (var endpoint in resource.Annotations.OfType<EndpointAnnotation>())
            {
                if (endpoint.Port is { } port && !PortLeases.IsFree(port))
                {
                    throw new DistributedApplicationException(
                        $"Port {port}, which {resource.Name} needs, is taken by another program: free it, or choose another (--port).");
                }
                endpoint.Allocate([.. Enumerable.Range(0, Replicas(resource)).Select(n => n == 0 ? endpoint.Port ?? ports.Take() : ports.Take())]);
            }
        }
    }

    private void CreateInstances(StateDirectory state, PortLeases ports)
    {
        var mesh = new MeshContext(settings, state, execution, notifications, eventing, health, services, time, _dashboard)
        {
            Fail = reason => _failure.TrySetResult(reason),
            Hurry = _hurry.Token,
            Turns = new(_startsPerProcessor * Environment.ProcessorCount, time),
        };
        var launcher = new Launcher(mesh, model, ports);
        foreach (var resource in model.Resources)
        {
            var replicas = Replicas(resource);
            for (var replica = 0; replica < replicas; replica++)
            {
                var name = replicas == 1 ? resource.Name : $"{resource.Name}-{replica + 1}";
                Add(resource is IComputeResource
                    ? new ProcessInstance(resource, replica, name, mesh, new ResourceLog(Path.Combine(state.Logs, $"{name}.log"), time), launcher)
                    : new ValueInstance(resource, mesh));
            }
        }
        if (_dashboard is not null)
        {
            var log = new ResourceLog(Path.Combine(state.Logs, "dashboard.log"), time);
            Add(new ProcessInstance(_dashboard.Resource, 0, _dashboard.Resource.Name, mesh, log, launcher) { Required = false });
        }

        void Add(ResourceInstance instance)
        {
            notifications.Register(instance.Resource, instance.Id, ResourceFacts.Initial(instance, time.GetUtcNow()));
            if (instance.Log is not null)
                loggers.Register(instance.Resource.Name, instance.Log);
            _instances.Add(instance);
        }
    }

    private static int Replicas(IResource resource) => resource.Annotations.OfType<ReplicaAnnotation>().LastOrDefault()?.Replicas ?? 1;

    private async Task WaitUntilHealthyAsync(CancellationToken cancellationToken)
    {
        var required = _instances.Where(i => i.Required).ToList();
        var healthy = Task.WhenAll(required.Select(i => i.FirstHealthy));
        try
        {
            await Task.WhenAny(healthy, _failure.Task, _shutdown.Task).WaitAsync(settings.StartupTimeout, time, cancellationToken);
        }
        catch (TimeoutException e)
        {
            // Whoever only waits is not the cause.
            var culprit = required.Where(i => !i.FirstHealthy.IsCompleted).OrderBy(i => i.Snapshot.State?.Text == KnownResourceStates.Waiting).First();
            var trouble = culprit.Trouble() is { } said ? $" ({said})" : "";
            var log = culprit.Log is null ? "" : $"; its log: {culprit.Log.Path}";
            throw new DistributedApplicationException($"{culprit.Name} was not healthy within {settings.StartupTimeout.TotalSeconds} s{trouble}{log}", e);
        }
        if (_failure.Task.IsCompleted)
            throw new DistributedApplicationException(await _failure.Task);
    }
}

internal static class ResourceFacts
{
    /// <summary>What is known of an instance before it starts.</summary>
    public static CustomResourceSnapshot Initial(ResourceInstance instance, DateTimeOffset now)
    {
        var resource = instance.Resource;
        return new()
        {
            ResourceType = resource switch
            {
                ProjectResource => "Project",
                ContainerResource => "Container",
                ExecutableResource => "Executable",
                ParameterResource => "Parameter",
                ConnectionStringResource => "ConnectionString",
                _ => resource.GetType().Name.Replace("Resource", "", StringComparison.Ordinal),
            },
            State = KnownResourceStates.NotStarted,
            CreationTimeStamp = now.UtcDateTime,
            Properties = [.. Properties(resource)],
            Urls = [.. Urls(instance)],
            Relationships = [.. Relationships(resource)],
            HealthReports = HealthProbe.Pending(resource),
            IconName = resource.Annotations.OfType<ResourceIconAnnotation>().LastOrDefault()?.IconName,
            IsHidden = !instance.Required,
        };
    }

    /// <summary>The links of one replica: people's address of each endpoint, then what <c>WithUrlForEndpoint</c> added.</summary>
    public static IEnumerable<UrlSnapshot> Urls(ResourceInstance instance)
    {
        foreach (var endpoint in instance.Resource.Annotations.OfType<EndpointAnnotation>())
        {
            var http = endpoint.UriScheme is "http" or "https";
            var address = $"{endpoint.UriScheme}://{(http ? "localhost" : endpoint.TargetHost)}:{endpoint.Ports[instance.Replica]}";
            var reference = new EndpointReference((IResourceWithEndpoints)instance.Resource, endpoint.Name);
            var made = instance.Resource.Annotations.OfType<EndpointUrlAnnotation>().Where(a => a.EndpointName == endpoint.Name).Select(a => a.Make(reference))
                .OfType<ResourceUrlAnnotation>().ToList();
            var name = made.Find(u => u.Url.Length == 0)?.DisplayText ?? "";
            yield return new(endpoint.Name, address, IsInternal: false) { DisplayName = name, SortOrder = 100 };
            foreach (var url in made.Where(u => u.Url.Length > 0))
            {
                var full = url.Url.StartsWith('/') ? address + url.Url : url.Url;
                yield return new(endpoint.Name, full, IsInternal: false) { DisplayName = url.DisplayText ?? "", SortOrder = url.DisplayOrder ?? 0 };
            }
        }
    }

    private static IEnumerable<ResourcePropertySnapshot> Properties(IResource resource)
    {
        if (resource.Annotations.OfType<IProjectMetadata>().FirstOrDefault() is { } project)
            yield return new("project.path", project.ProjectPath);
        if (resource.Annotations.OfType<ContainerImageAnnotation>().LastOrDefault() is { } image)
            yield return new("container.image", $"{image.Image}:{image.Tag} (run by this machine's own program)");
        if (resource is IResourceWithParent { Parent: var parent })
            yield return new("resource.parentName", parent.Name);
        if (resource is ParameterResource parameter)
            yield return new("Value", parameter.Secret ? ProcessEnvironment.Mask : parameter.Value) { IsSensitive = parameter.Secret };
        if (resource is ConnectionStringResource)
            yield return new("Source", "given by configuration");
    }

    private static IEnumerable<RelationshipSnapshot> Relationships(IResource resource)
    {
        var relations = resource.Annotations.OfType<ResourceRelationshipAnnotation>().Select(a => (a.Resource.Name, a.Type));
        var parent = resource is IResourceWithParent { Parent: var p } ? [(p.Name, "Parent")] : Array.Empty<(string, string)>();
        return relations.Concat(parent).Distinct().Select(r => new RelationshipSnapshot(r.Item1, r.Item2));
    }
}
