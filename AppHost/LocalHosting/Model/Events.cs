using Aspire.Hosting.Eventing;

namespace Aspire.Hosting.Eventing
{
    /// <summary>Something that happened.</summary>
    public interface IDistributedApplicationEvent;

    /// <summary>Something that happened to one resource.</summary>
    public interface IDistributedApplicationResourceEvent : IDistributedApplicationEvent
    {
        Aspire.Hosting.ApplicationModel.IResource Resource { get; }
    }

    /// <summary>A subscription, to end it by.</summary>
    public sealed class DistributedApplicationEventSubscription(Func<IDistributedApplicationEvent, CancellationToken, Task> callback)
    {
        public Func<IDistributedApplicationEvent, CancellationToken, Task> Callback { get; } = callback;
    }

    /// <summary>Events of the application, delivered one subscriber after the other.</summary>
    public interface IDistributedApplicationEventing
    {
        DistributedApplicationEventSubscription Subscribe<T>(Func<T, CancellationToken, Task> callback) where T : IDistributedApplicationEvent;

        DistributedApplicationEventSubscription Subscribe<T>(Aspire.Hosting.ApplicationModel.IResource resource, Func<T, CancellationToken, Task> callback)
            where T : IDistributedApplicationResourceEvent;

        void Unsubscribe(DistributedApplicationEventSubscription subscription);

        Task PublishAsync<T>(T @event, CancellationToken cancellationToken = default) where T : IDistributedApplicationEvent;
    }

    internal sealed class DistributedApplicationEventing : IDistributedApplicationEventing
    {
        private readonly Lock _gate = new();
        private readonly List<DistributedApplicationEventSubscription> _subscriptions = [];

        public DistributedApplicationEventSubscription Subscribe<T>(Func<T, CancellationToken, Task> callback) where T : IDistributedApplicationEvent =>
            Add(new((e, ct) => e is T typed ? callback(typed, ct) : Task.CompletedTask));

        public DistributedApplicationEventSubscription Subscribe<T>(
            Aspire.Hosting.ApplicationModel.IResource resource, Func<T, CancellationToken, Task> callback)
            where T : IDistributedApplicationResourceEvent =>
            Add(new((e, ct) => e is T typed && ReferenceEquals(typed.Resource, resource) ? callback(typed, ct) : Task.CompletedTask));

        public void Unsubscribe(DistributedApplicationEventSubscription subscription)
        {
            lock (_gate)
                _subscriptions.Remove(subscription);
        }

        public async Task PublishAsync<T>(T @event, CancellationToken cancellationToken = default) where T : IDistributedApplicationEvent
        {
            DistributedApplicationEventSubscription[] subscriptions;
            lock (_gate)
                subscriptions = [.. _subscriptions];
            foreach (var subscription in subscriptions)
                await subscription.Callback(@event, cancellationToken);
        }

        private DistributedApplicationEventSubscription Add(DistributedApplicationEventSubscription subscription)
        {
            lock (_gate)
                _subscriptions.Add(subscription);
            return subscription;
        }
    }
}

namespace Aspire.Hosting.ApplicationModel
{
    /// <summary>Before anything is started.</summary>
    public class BeforeStartEvent(IServiceProvider services, DistributedApplicationModel model) : IDistributedApplicationEvent
    {
        public IServiceProvider Services { get; } = services;

        public DistributedApplicationModel Model { get; } = model;
    }

    /// <summary>The resource runs and its health checks pass; again after each restart.</summary>
    public class ResourceReadyEvent(IResource resource, IServiceProvider services) : IDistributedApplicationResourceEvent
    {
        public IResource Resource { get; } = resource;

        public IServiceProvider Services { get; } = services;
    }

    /// <summary>The resources of the application.</summary>
    public class DistributedApplicationModel(IResourceCollection resources)
    {
        public IResourceCollection Resources { get; } = resources;
    }
}
