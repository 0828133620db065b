using System.Diagnostics.CodeAnalysis;
using System.Net.Mime;
using MassTransit;
using MassTransit.Middleware;

namespace TalentSphere.ServiceDefaults.Messaging;

/// <summary>An event that comes from where it is kept and not from the broker; to a consumer it looks the same.</summary>
internal sealed class StoredDelivery(byte[] envelope, CancellationToken cancellationToken) : BasePipeContext(cancellationToken), ReceiveContext
{
    public MessageBody Body { get; } = new BytesMessageBody(envelope);

    public TimeSpan ElapsedTime => TimeSpan.Zero;

    public Uri InputAddress { get; } = new("loopback://stored/events");

    public ContentType ContentType { get; } = new(Wire.ContentType);

    public bool Redelivered => false;

    public Headers TransportHeaders { get; } = new NoHeaders();

    public Task ReceiveCompleted => Task.CompletedTask;

    public bool IsDelivered => false;

    public bool IsFaulted => false;

    public ISendEndpointProvider SendEndpointProvider { get; } = new NoEndpoints();

    public IPublishEndpointProvider PublishEndpointProvider { get; } = new NoEndpoints();

    public bool PublishFaults => false;

    public Task NotifyConsumed<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType)
        where T : class => Task.CompletedTask;

    public Task NotifyFaulted<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType, Exception exception)
        where T : class => Task.CompletedTask;

    public Task NotifyFaulted(Exception exception) => Task.CompletedTask;

    public void AddReceiveTask(Task task)
    {
        // Nothing is sent from a repetition, so there is nothing to wait for.
    }

    private sealed class NoEndpoints : ISendEndpointProvider, IPublishEndpointProvider
    {
        public Task<ISendEndpoint> GetSendEndpoint(Uri address) => throw OutboxOnly();

        public Task<ISendEndpoint> GetPublishSendEndpoint<T>()
            where T : class => throw OutboxOnly();

        public ConnectHandle ConnectSendObserver(ISendObserver observer) => throw OutboxOnly();

        public ConnectHandle ConnectPublishObserver(IPublishObserver observer) => throw OutboxOnly();

        private static NotSupportedException OutboxOnly() => new("Events are published through the outbox: DbContext.Publish, then SaveChangesAsync.");
    }

    private sealed class NoHeaders : Headers
    {
        public IEnumerable<KeyValuePair<string, object>> GetAll() => [];

        public bool TryGetHeader(string key, [NotNullWhen(true)] out object? value)
        {
            value = null;
            return false;
        }

        public T? Get<T>(string key, T? defaultValue = default)
            where T : class => defaultValue;

        public T? Get<T>(string key, T? defaultValue = null)
            where T : struct => defaultValue;

        public IEnumerator<HeaderValue> GetEnumerator() => Enumerable.Empty<HeaderValue>().GetEnumerator();

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
