using System.Collections.Concurrent;
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

    private static readonly TimeSpan _heartbeat = TimeSpan.FromSeconds(5);

    // There is something to tell, or to listen to: once is enough, however much it is.
    private readonly Channel<bool> _news = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    // Tags that the other replicas have not been told of.
    private readonly ConcurrentDictionary<string, bool> _untold = new();

    private volatile bool _heard;

    /// <summary>Purges reach this replica.</summary>
    public bool IsHeard => _heard;

    /// <summary>Purges here at once, and in the other replicas as soon as the broker takes it.</summary>
    public void Purge(ImmutableArray<CacheTag> purged)
    {
        foreach (var tag in purged)
        {
            tag.Purge();
            _untold[tag.Name] = true;
        }
        _news.Writer.TryWrite(true);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        tags.Watching = () => _news.Writer.TryWrite(true);
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
        await using var connection = await BrokerFactory.Create(configuration, "gateway cache", _heartbeat).CreateConnectionAsync(stoppingToken);
        await using var channel = await connection.CreateChannelAsync(
            new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true), stoppingToken);
        using var lost = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        var source = lost;
        connection.ConnectionShutdownAsync += (_, _) => LoseAsync(source);
        channel.ChannelShutdownAsync += (_, _) => LoseAsync(source);

        await channel.ExchangeDeclareAsync(Topology.Exchange, ExchangeType.Topic, durable: true, cancellationToken: stoppingToken);
        await channel.ExchangeDeclareAsync(_exchange, ExchangeType.Fanout, durable: true, cancellationToken: stoppingToken);
        var queue = (await channel.QueueDeclareAsync("", durable: false, exclusive: true, autoDelete: true, cancellationToken: stoppingToken)).QueueName;
        await channel.QueueBindAsync(queue, _exchange, "", cancellationToken: stoppingToken);
        var bound = new HashSet<TopicPattern>();
        await BindAsync(channel, queue, bound, stoppingToken);
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += (_, delivery) => Hear(delivery);
        // The broker took the queue away; the connection lives on, and nothing would come any more.
        consumer.UnregisteredAsync += (_, _) => LoseAsync(source);
        await channel.BasicConsumeAsync(queue, autoAck: true, consumer, stoppingToken);

        // What happened before this moment may have been missed.
        tags.Everything.Purge();
        _heard = true;
        if (lost.IsCancellationRequested)
            return;
        listening();
        while (!lost.IsCancellationRequested)
        {
            if (await BindAsync(channel, queue, bound, lost.Token))
            {
                // Events that it stands for may have come before it was bound.
                tags.Everything.Purge();
            }
            await TellAsync(channel, lost.Token);
            await _news.Reader.ReadAsync(lost.Token);
        }
    }

    private Task LoseAsync(CancellationTokenSource lost)
    {
        _heard = false;
        return lost.CancelAsync();
    }

    /// <returns>True when there was a pattern that was not listened to yet.</returns>
    private async Task<bool> BindAsync(IChannel channel, string queue, HashSet<TopicPattern> bound, CancellationToken lost)
    {
        var before = bound.Count;
        foreach (var pattern in tags.Patterns)
        {
            if (bound.Contains(pattern))
                continue;
            await channel.QueueBindAsync(queue, Topology.Exchange, pattern.Text, cancellationToken: lost);
            bound.Add(pattern);
        }
        return bound.Count > before;
    }

    /// <summary>Tells the other replicas what was purged here since; what the broker does not confirm is told again over the next connection.</summary>
    private async Task TellAsync(IChannel channel, CancellationToken lost)
    {
        var told = _untold.Keys.Where(name => _untold.TryRemove(name, out _)).ToList();
        if (told.Count == 0)
            return;
        try
        {
            await channel.BasicPublishAsync(_exchange, "", JsonSerializer.SerializeToUtf8Bytes(new Purged(_self, told), ApiJson.Options), lost);
        }
        catch
        {
            foreach (var name in told)
                _untold[name] = true;
            throw;
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
                // A tag that nothing has here belongs to a route that is new over there.
                foreach (var tag in purged.Tags)
                    tags.Find(tag)?.Purge();
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

    private sealed record Purged(Guid Origin, IReadOnlyList<string> Tags);
}
