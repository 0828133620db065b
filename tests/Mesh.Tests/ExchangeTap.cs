using System.Collections.Concurrent;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace TalentSphere.Mesh.Tests;

/// <summary>A message as it came off the wire.</summary>
internal sealed record RawMessage(string Exchange, string RoutingKey, IReadOnlyBasicProperties Properties, byte[] Body);

/// <summary>A plain AMQP client that knows nothing of the mesh but the exchange's name: it hears everything, and can say anything.</summary>
internal sealed class ExchangeTap : IAsyncDisposable
{
    private const string _exchange = "talentsphere.events";

    private readonly ConcurrentQueue<RawMessage> _heard = new();
    private readonly IConnection _connection;
    private readonly IChannel _channel;

    private ExchangeTap(IConnection connection, IChannel channel) => (_connection, _channel) = (connection, channel);

    /// <summary>Everything so far, in order of arrival; whatever could not be understood too.</summary>
    public IReadOnlyCollection<RawMessage> Heard => _heard;

    /// <summary>Listens from now on.</summary>
    public static async Task<ExchangeTap> OpenAsync(MeshCommand mesh)
    {
        var address = await mesh.RunAsync("connection", "rabbitmq");
        address.ExitCode.ShouldBe(0, "mesh connection rabbitmq");
        var connection = await new ConnectionFactory { Uri = new Uri(address.Output.Trim()) }.CreateConnectionAsync();
        var channel = await connection.CreateChannelAsync(
            new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true));
        var tap = new ExchangeTap(connection, channel);
        var queue = await channel.QueueDeclareAsync();
        await channel.QueueBindAsync(queue.QueueName, _exchange, "#");
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += (_, delivery) =>
        {
            // The client takes its buffers back when this returns.
            tap._heard.Enqueue(new(delivery.Exchange, delivery.RoutingKey, new BasicProperties(delivery.BasicProperties), delivery.Body.ToArray()));
            return Task.CompletedTask;
        };
        await channel.BasicConsumeAsync(queue.QueueName, autoAck: true, consumer);
        return tap;
    }

    /// <summary>Publishes any message.</summary>
    public async Task PublishAsync(RawMessage message) =>
        await _channel.BasicPublishAsync(_exchange, message.RoutingKey, mandatory: false, new BasicProperties(message.Properties), message.Body);

    public async ValueTask DisposeAsync()
    {
        await _channel.DisposeAsync();
        await _connection.DisposeAsync();
    }
}
