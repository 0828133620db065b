using System.Collections.Concurrent;
using System.Reflection;
using System.Text;
using System.Text.Json;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using TalentSphere.Contracts;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.TestKit;

/// <summary>A plain AMQP client: hears every event on the exchange, and publishes events in the neutral form as another service would.</summary>
public sealed class EventTap : IAsyncDisposable
{
    private const string _exchange = "talentsphere.events";

    private readonly ConcurrentQueue<EventEnvelope> _heard = new();
    private readonly IConnection _connection;
    private readonly IChannel _channel;

    private EventTap(IConnection connection, IChannel channel) => (_connection, _channel) = (connection, channel);

    /// <summary>Everything heard so far, in order of arrival.</summary>
    public IReadOnlyCollection<EventEnvelope> Heard => _heard;

    /// <summary>Begins to listen.</summary>
    public static async Task<EventTap> OpenAsync(string address)
    {
        var connection = await new ConnectionFactory { Uri = new Uri(address) }.CreateConnectionAsync();
        var channel = await connection.CreateChannelAsync(new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true));
        var tap = new EventTap(connection, channel);
        await channel.ExchangeDeclareAsync(_exchange, ExchangeType.Topic, durable: true);
        var queue = await channel.QueueDeclareAsync();
        await channel.QueueBindAsync(queue.QueueName, _exchange, "#");
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += (_, delivery) =>
        {
            try
            {
                tap._heard.Enqueue(JsonSerializer.Deserialize<EventEnvelope>(delivery.Body.Span, ApiJson.Options)!);
            }
            catch (JsonException)
            {
                // Tests send malformed bodies on purpose; the tap only lists events.
                return Task.CompletedTask;
            }
            return Task.CompletedTask;
        };
        await channel.BasicConsumeAsync(queue.QueueName, autoAck: true, consumer);
        return tap;
    }

    /// <summary>What was heard under this record's key, as records.</summary>
    public IReadOnlyList<T> Of<T>(Func<T, bool>? where = null)
        where T : class =>
        [.. _heard.Where(e => e.EventType == Topic<T>().Key).Select(e => e.Data.Deserialize<T>(ApiJson.Options)!).Where(where ?? (_ => true))];

    /// <summary>Waits until exactly <paramref name="count"/> were heard; more at that moment is a failure at once.</summary>
    public Task<IReadOnlyList<T>> ExpectAsync<T>(int count, Func<T, bool> where)
        where T : class => Eventually.SeesAsync(() => Task.FromResult(Of(where)), seen => seen.Count == count
            || (seen.Count > count ? throw new InvalidOperationException($"{seen.Count} × {Topic<T>().Key} instead of {count}") : false), $"{count} × {Topic<T>().Key}");

    /// <summary>Publishes an event in the neutral form.</summary>
    /// <returns>Its id.</returns>
    public async Task<Guid> PublishAsync<T>(T data, Guid? eventId = null, string? correlationId = null)
        where T : class
    {
        var topic = Topic<T>();
        var subject = typeof(T).GetProperty(topic.Subject)!.GetValue(data)!.ToString()!;
        var envelope = new EventEnvelope(
            eventId ?? Guid.CreateVersion7(), topic.Key, DateTime.UtcNow, topic.SchemaVersion, topic.Key.Split('.')[0], correlationId ?? Correlation.New(), subject,
            JsonSerializer.SerializeToElement(data, ApiJson.Options));
        await PublishRawAsync(topic.Key, JsonSerializer.SerializeToUtf8Bytes(envelope, ApiJson.Options), envelope.EventId.ToString());
        return envelope.EventId;
    }

    /// <summary>Publishes any bytes under any key.</summary>
    public async Task PublishRawAsync(string key, ReadOnlyMemory<byte> body, string messageId) => await _channel.BasicPublishAsync(
        _exchange, key, mandatory: false, new BasicProperties { ContentType = "application/json", DeliveryMode = DeliveryModes.Persistent, MessageId = messageId, Type = key }, body);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _channel.DisposeAsync();
        await _connection.DisposeAsync();
    }

    private static TopicAttribute Topic<T>() =>
        typeof(T).GetCustomAttribute<TopicAttribute>() ?? throw new InvalidOperationException($"{typeof(T).Name} has no [Topic].");
}
