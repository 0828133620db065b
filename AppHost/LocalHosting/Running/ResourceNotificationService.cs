using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using TalentSphere.AppHost.LocalHosting;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>What is known of one process of a resource.</summary>
public class ResourceEvent(IResource resource, string resourceId, CustomResourceSnapshot snapshot)
{
    public IResource Resource { get; } = resource;

    public string ResourceId { get; } = resourceId;

    public CustomResourceSnapshot Snapshot { get; } = snapshot;
}

/// <summary>Keeps the state of every resource and tells whoever watches. A resource with replicas has one entry per replica.</summary>
public class ResourceNotificationService
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, ResourceEvent> _current = new(StringComparer.Ordinal);
    private readonly List<Channel<ResourceEvent>> _watchers = [];

    /// <summary>Changes the entries of the resource, all replicas alike.</summary>
    public Task PublishUpdateAsync(IResource resource, Func<CustomResourceSnapshot, CustomResourceSnapshot> stateFactory)
    {
        lock (_gate)
        {
            foreach (var id in _current.Values.Where(e => ReferenceEquals(e.Resource, resource)).Select(e => e.ResourceId).ToList())
                Update(resource, id, stateFactory);
        }
        return Task.CompletedTask;
    }

    /// <summary>Changes one entry.</summary>
    public Task PublishUpdateAsync(IResource resource, string resourceId, Func<CustomResourceSnapshot, CustomResourceSnapshot> stateFactory)
    {
        Publish(resource, resourceId, stateFactory);
        return Task.CompletedTask;
    }

    public bool TryGetCurrentState(string resourceId, [NotNullWhen(true)] out ResourceEvent? resourceEvent)
    {
        lock (_gate)
            return _current.TryGetValue(resourceId, out resourceEvent);
    }

    /// <summary>Every entry as it is, then each change.</summary>
    public async IAsyncEnumerable<ResourceEvent> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var subscription = Subscribe();
        foreach (var known in subscription.Known)
            yield return known;
        await foreach (var change in subscription.Changes.ReadAllAsync(cancellationToken))
            yield return change;
    }

    /// <summary>Returns when every replica is in the state (Running when none is given).</summary>
    public Task WaitForResourceAsync(string resourceName, string? targetState = null, CancellationToken cancellationToken = default) =>
        WaitUntilAsync(resourceName, e => e.Snapshot.State?.Text == (targetState ?? KnownResourceStates.Running), cancellationToken);

    /// <summary>Returns when every replica runs and its health checks pass.</summary>
    public Task<ResourceEvent> WaitForResourceHealthyAsync(string resourceName, CancellationToken cancellationToken = default) =>
        WaitUntilAsync(resourceName, e => e.Snapshot.HealthStatus == HealthStatus.Healthy, cancellationToken);

    internal void Register(IResource resource, string resourceId, CustomResourceSnapshot initial)
    {
        lock (_gate)
            _current[resourceId] = new(resource, resourceId, initial);
    }

    /// <summary>Ends every watch: nothing follows any more.</summary>
    internal void Complete()
    {
        lock (_gate)
            _watchers.ForEach(w => w.Writer.TryComplete());
    }

    internal void Publish(IResource resource, string resourceId, Func<CustomResourceSnapshot, CustomResourceSnapshot> stateFactory)
    {
        lock (_gate)
            Update(resource, resourceId, stateFactory);
    }

    /// <summary>What is known and what follows, cut at one moment: no change is lost between the two or told twice.</summary>
    internal Subscription Subscribe()
    {
        var channel = Channel.CreateUnbounded<ResourceEvent>();
        lock (_gate)
        {
            _watchers.Add(channel);
            return new(this, [.. _current.Values], channel);
        }
    }

    internal async Task<ResourceEvent> WaitUntilAsync(string resourceName, Func<ResourceEvent, bool> fits, CancellationToken cancellationToken)
    {
        using var subscription = Subscribe();
        var entries = subscription.Known.Where(e => e.Resource.Name == resourceName).ToDictionary(e => e.ResourceId, StringComparer.Ordinal);
        if (entries.Count == 0)
            throw new DistributedApplicationException($"There is no resource '{resourceName}'.");
        while (!entries.Values.All(fits))
        {
            var change = await subscription.Changes.ReadAsync(cancellationToken);
            if (change.Resource.Name == resourceName)
                entries[change.ResourceId] = change;
        }
        return entries.Values.First();
    }

    private void Update(IResource resource, string resourceId, Func<CustomResourceSnapshot, CustomResourceSnapshot> stateFactory)
    {
        var next = new ResourceEvent(resource, resourceId, stateFactory(_current[resourceId].Snapshot));
        if (next.Snapshot == _current[resourceId].Snapshot)
            return;
        _current[resourceId] = next;
        foreach (var watcher in _watchers)
            watcher.Writer.TryWrite(next);
    }

    internal sealed class Subscription(ResourceNotificationService service, IReadOnlyList<ResourceEvent> known, Channel<ResourceEvent> channel) : IDisposable
    {
        public IReadOnlyList<ResourceEvent> Known => known;

        public ChannelReader<ResourceEvent> Changes => channel.Reader;

        public void Dispose()
        {
            lock (service._gate)
                service._watchers.Remove(channel);
        }
    }
}

/// <summary>Writes into the log of a resource, beside its own output.</summary>
public class ResourceLoggerService
{
    private readonly Dictionary<string, ResourceLog> _logs = new(StringComparer.Ordinal);

    public ILogger GetLogger(IResource resource) => GetLogger(resource.Name);

    public ILogger GetLogger(string resourceName) =>
        _logs.TryGetValue(resourceName, out var log) ? new Logger(log) : Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance;

    internal void Register(string resourceName, ResourceLog log) => _logs.TryAdd(resourceName, log);

    private sealed class Logger(ResourceLog log) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (!IsEnabled(logLevel))
                return;
            log.Append($"{logLevel}: {formatter(state, exception)}", logLevel >= LogLevel.Warning);
            if (exception is not null)
                log.Append(exception.ToString(), isError: true);
        }
    }
}
