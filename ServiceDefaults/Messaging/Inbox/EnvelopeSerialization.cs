using System.Diagnostics.CodeAnalysis;
using System.Net.Mime;
using MassTransit;
using MassTransit.Metadata;
using MassTransit.Serialization;
using TalentSphere.Contracts;

namespace TalentSphere.ServiceDefaults.Messaging;

/// <summary>
/// Reads the neutral envelope for the bus: <c>eventType</c> chooses the record, <c>data</c> is the message. Writing is the outbox's business alone.
/// </summary>
internal sealed class EnvelopeSerialization(IReadOnlyList<EventTopic> handled) : ISerializerFactory, IMessageSerializer, IMessageDeserializer
{
    private readonly Dictionary<string, EventTopic> _handled = handled.ToDictionary(topic => topic.Key, StringComparer.Ordinal);

    public ContentType ContentType { get; } = new(Wire.ContentType);

    public IMessageSerializer CreateSerializer() => this;

    public IMessageDeserializer CreateDeserializer() => this;

    public ConsumeContext Deserialize(ReceiveContext receiveContext)
    {
        var envelope = Wire.Read(receiveContext.Body.GetBytes());
        receiveContext.GetOrAddPayload(() => envelope);
        return new BodyConsumeContext(receiveContext, Read(envelope, receiveContext.TransportHeaders));
    }

    public SerializerContext Deserialize(MessageBody body, Headers headers, Uri? destinationAddress = null) => Read(Wire.Read(body.GetBytes()), headers);

    public MessageBody GetMessageBody(string text) => new StringMessageBody(text);

    public MessageBody GetMessageBody<T>(SendContext<T> context)
        where T : class => throw OutboxOnly();

    public void Probe(ProbeContext context) => context.CreateScope("envelope");

    private static NotSupportedException OutboxOnly() => new("Events are published through the outbox: DbContext.Publish, then SaveChangesAsync.");

    private Message Read(EventEnvelope envelope, Headers headers)
    {
        var topic = _handled.GetValueOrDefault(envelope.EventType);
        var data = topic is null ? null : Wire.ReadData(envelope, topic.EventType);
        return new Message(new Meta(envelope, headers), data, topic is null ? [] : [MessageUrn.ForTypeString(topic.EventType)]);
    }

    private sealed class Message(Meta meta, object? data, string[] types) : BaseSerializerContext(new Nothing(), meta, types)
    {
        public override bool TryGetMessage<T>([NotNullWhen(true)] out T? message)
            where T : class
        {
            message = data as T;
            return message is not null;
        }

        public override bool TryGetMessage(Type messageType, [NotNullWhen(true)] out object? message)
        {
            message = messageType.IsInstanceOfType(data) ? data : null;
            return message is not null;
        }

        public override IMessageSerializer GetMessageSerializer() => throw OutboxOnly();

        public override IMessageSerializer GetMessageSerializer<T>(MessageEnvelope envelope, T message) => throw OutboxOnly();

        public override IMessageSerializer GetMessageSerializer(object message, string[] messageTypes) => throw OutboxOnly();

        public override Dictionary<string, object> ToDictionary<T>(T? message)
            where T : class => [];
    }

    /// <summary>Events carry no values of unknown type.</summary>
    private sealed class Nothing : IObjectDeserializer
    {
        public T? DeserializeObject<T>(object? value, T? defaultValue = default)
            where T : class => defaultValue;

        public T? DeserializeObject<T>(object? value, T? defaultValue = null)
            where T : struct => defaultValue;

        public MessageBody SerializeObject(object? value) => throw OutboxOnly();
    }

    private sealed class Meta(EventEnvelope envelope, Headers headers) : MessageContext
    {
        public Guid? MessageId => envelope.EventId;

        public DateTime? SentTime => envelope.Timestamp;

        public Headers Headers => headers;

        public HostInfo Host => HostMetadataCache.Empty;

        public Guid? RequestId => null;

        public Guid? CorrelationId => null;

        public Guid? ConversationId => null;

        public Guid? InitiatorId => null;

        public DateTime? ExpirationTime => null;

        public Uri? SourceAddress => null;

        public Uri? DestinationAddress => null;

        public Uri? ResponseAddress => null;

        public Uri? FaultAddress => null;
    }
}
