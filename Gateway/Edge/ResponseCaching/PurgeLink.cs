using System.Collections.Immutable;
using System.Text.Json;
using System.Threading.Channels;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using TalentSphere.ServiceDefaults.Http;
using TalentSphere.ServiceDefaults.Messaging;

namespace TalentSphere.Gateway.Edge.ResponseCaching;

/// <summary>
/// Hears what has to be purged, each replica for itself over an exclusive queue: events of the services, and what other replicas purged. Whoever was not listening
/// for a while cannot know what is still true, and begins anew; meanwhile <see cref="IsHeard"/> is false and little is believed.
/// </summary>
internal sealed partial class PurgeLink(CacheTags tags, IConfiguration configuration, TimeProvider time, ILogger<PurgeLink> logger) : BackgroundService
{
    /// <summary>Between the replicas only: no event, and nothing that another service could hear.</summary>
    private const string _exchange = "gateway.cache";

    private readonly Guid _self = Guid.CreateVersion7();

    private readonly Channel<Order> _orders = Channel.CreateBounded<Order>(new BoundedChannelOptions(1000) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });

    private volatile bool _heard;
    private Order? _pending;

    /// <summary>Purges reach this replica.</summary>
    public bool IsHeard => _heard;

    /// <summary>Purges here at once, and in the other replicas as soon as the broker takes it.</summary>
    public void Purge(ImmutableArray<CacheTag> purged)
    {
        foreach (var tag in purged)
            tag.Purge();
        _orders.Writer.TryWrite(new(null, [.. purged.Select(t => t.Name)]));
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        tags.Watching = pattern => _orders.Writer.TryWrite(new(pattern, []));
        var pause = new GrowingPause(TimeSpan.FromMilliseconds(250), TimeSpan.FromSeconds(2), time);
        var away = false;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await ListenAsync(() =>
                {
                    if (away)
                        Back(logger);
                    away = false;
                    pause.Reset();
                }, stoppingToken);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                // Never the message: it may quote the address, with its password.
                if (!away)
                    Away(logger, e.GetBaseException().GetType().Name);
                away = true;
            }
            finally
            {
                _heard = false;
            }
            await pause.WaitAsync(stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task ListenAsync(Action listening, CancellationToken stoppingToken)
    {
        var factory = new ConnectionFactory
        {
            Uri = new Uri(configuration.GetConnectionString("rabbitmq") ?? throw new InvalidOperationException("ConnectionStrings:rabbitmq is not set.")),
            ClientProvidedName = "gateway cache",
            AutomaticRecoveryEnabled = false,
            TopologyRecoveryEnabled = false,
            // A connection that died without a word is noticed after two of these.
            RequestedHeartbeat = TimeSpan.FromSeconds(5),
            RequestedConnectionTimeout = TimeSpan.FromSeconds(5),
        };
        await using var connection = await factory.CreateConnectionAsync(stoppingToken);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: stoppingToken);
        using var lost = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        var source = lost;
        connection.ConnectionShutdownAsync += (_, _) => source.CancelAsync();
        channel.ChannelShutdownAsync += (_, _) => source.CancelAsync();

        await channel.ExchangeDeclareAsync(Topology.Exchange, ExchangeType.Topic, durable: true, cancellationToken: stoppingToken);
        await channel.ExchangeDeclareAsync(_exchange, ExchangeType.Fanout, durable: true, cancellationToken: stoppingToken);
        var queue = (await channel.QueueDeclareAsync("", durable: false, exclusive: true, autoDelete: true, cancellationToken: stoppingToken)).QueueName;
        await channel.QueueBindAsync(queue, _exchange, "", cancellationToken: stoppingToken);
        foreach (var pattern in tags.Patterns)
            await channel.QueueBindAsync(queue, Topology.Exchange, pattern.Text, cancellationToken: stoppingToken);
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += (_, delivery) => Hear(delivery);
        await channel.BasicConsumeAsync(queue, autoAck: true, consumer, stoppingToken);

        // What happened before this moment may have been missed.
        tags.Everything.Purge();
        if (!connection.IsOpen || !channel.IsOpen)
            return;
        _heard = true;
        listening();
        await SendAsync(channel, queue, lost.Token);
    }

    private async Task SendAsync(IChannel channel, string queue, CancellationToken lost)
    {
        while (!lost.IsCancellationRequested)
        {
            _pending ??= await _orders.Reader.ReadAsync(lost);
            if (_pending.Pattern is { } pattern)
                await channel.QueueBindAsync(queue, Topology.Exchange, pattern.Text, cancellationToken: lost);
            else
                await channel.BasicPublishAsync(_exchange, "", JsonSerializer.SerializeToUtf8Bytes(new Purged(_self, _pending.Tags), ApiJson.Options), lost);
            _pending = null;
        }
    }

    private Task Hear(BasicDeliverEventArgs delivery)
    {
        if (delivery.Exchange != _exchange)
        {
            tags.Heard(delivery.RoutingKey);
            return Task.CompletedTask;
        }
        try
        {
            if (JsonSerializer.Deserialize<Purged>(delivery.Body.Span, ApiJson.Options) is { } purged && purged.Origin != _self)
            {
                foreach (var tag in purged.Tags)
                    tags.Purge(tag);
            }
        }
        catch (JsonException e)
        {
            Unreadable(logger, e);
            tags.Everything.Purge();
        }
        return Task.CompletedTask;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The broker is away, purges are not heard: answers are kept for seconds only ({Fault})")]
    private static partial void Away(ILogger logger, string fault);

    [LoggerMessage(Level = LogLevel.Information, Message = "Purges are heard again; the cache begins anew")]
    private static partial void Back(ILogger logger);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Another replica's purge cannot be read: everything is purged")]
    private static partial void Unreadable(ILogger logger, Exception exception);

    /// <summary>What the connection is to do: listen to a pattern, or tell of purged tags.</summary>
    private sealed record Order(TopicPattern? Pattern, IReadOnlyList<string> Tags);

    private sealed record Purged(Guid Origin, IReadOnlyList<string> Tags);
}
