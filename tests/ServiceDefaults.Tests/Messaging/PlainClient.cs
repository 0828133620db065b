using System.Collections.Concurrent;
using System.Text;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using TalentSphere.ServiceDefaults.Messaging;

namespace TalentSphere.ServiceDefaults.Tests.Messaging;

/// <summary>Somebody who knows AMQP and the contract, and nothing of our libraries.</summary>
internal sealed class PlainClient : IAsyncDisposable
{
    private readonly IConnection _connection;
    private readonly IChannel _channel;

    private PlainClient(IConnection connection, IChannel channel)
    {
        _connection = connection;
        _channel = channel;
    }

    /// <summary>Everything that passed the exchange since the tap was opened.</summary>
    public ConcurrentQueue<(IReadOnlyBasicProperties Properties, string RoutingKey, byte[] Body)> Heard { get; } = new();

    public static async Task<PlainClient> ConnectAsync(string rabbit)
    {
        var connection = await new ConnectionFactory { Uri = new Uri(rabbit), AutomaticRecoveryEnabled = false }.CreateConnectionAsync();
        var channel = await connection.CreateChannelAsync();
        await channel.ExchangeDeclareAsync(Topology.Exchange, ExchangeType.Topic, durable: true);
        return new PlainClient(connection, channel);
    }

    public async Task TapAsync(string pattern = "testing.#")
    {
        var queue = await _channel.QueueDeclareAsync(exclusive: true);
        await _channel.QueueBindAsync(queue.QueueName, Topology.Exchange, pattern);
        var consumer = new AsyncEventingBasicConsumer(_channel);
        consumer.ReceivedAsync += (_, delivery) =>
        {
            Heard.Enqueue((new BasicProperties(delivery.BasicProperties), delivery.RoutingKey, delivery.Body.ToArray()));
            return Task.CompletedTask;
        };
        await _channel.BasicConsumeAsync(queue.QueueName, autoAck: true, consumer);
    }

    public async Task SendAsync(string key, string body, BasicProperties? properties = null) =>
        await SendAsync(key, Encoding.UTF8.GetBytes(body), properties ?? new BasicProperties { ContentType = "application/json" });

    public async Task SendAsync(string key, byte[] body, IReadOnlyBasicProperties properties) =>
        await _channel.BasicPublishAsync(Topology.Exchange, key, mandatory: false, new BasicProperties(properties), body);

    public async Task<BasicGetResult> GetAsync(string queue) =>
        (await Probe.UntilAsync(async () => await _channel.BasicGetAsync(queue, autoAck: true), got => got is not null, $"a message in {queue}"))!;

    public async Task<uint> CountAsync(string queue) => await _channel.MessageCountAsync(queue);

    public async Task DeleteAsync(string queue) => await _channel.QueueDeleteAsync(queue);

    /// <summary>A queue of that name that refuses whatever comes by a key, as a full one does; everybody who publishes there hears of it.</summary>
    public async Task RefuseAsync(string queue, string key)
    {
        await _channel.QueueDeclareAsync(
            queue, durable: false, exclusive: true, autoDelete: false, new Dictionary<string, object?> { ["x-max-length"] = 1, ["x-overflow"] = "reject-publish" });
        await _channel.BasicPublishAsync("", queue, ReadOnlyMemory<byte>.Empty);
        await Probe.UntilAsync(() => CountAsync(queue), count => count == 1, "the queue to be full");
        await _channel.QueueBindAsync(queue, Topology.Exchange, key);
    }

    public async ValueTask DisposeAsync()
    {
        await _channel.DisposeAsync();
        await _connection.DisposeAsync();
    }
}

internal static class Headers
{
    public static string Text(this IDictionary<string, object?> headers, string name) => headers[name] switch
    {
        byte[] bytes => Encoding.UTF8.GetString(bytes),
        { } other => other.ToString()!,
        null => "",
    };
}
