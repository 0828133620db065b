using System.Text.Json;
using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;
using TalentSphere.ServiceDefaults.Caching;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.ServiceDefaults.Push;

/// <summary>
/// Carries pushes between the replicas of a service over a Redis channel, <c>{service}:push</c>. Redis forgets at once, which is right here: without it only
/// the replica that made a push delivers it.
/// </summary>
public sealed partial class ReplicaFanOut<TMessage>(Redis redis, ServiceIdentity service, ILogger<ReplicaFanOut<TMessage>> logger) : BackgroundService
    where TMessage : class, IPushMessage
{
    private static readonly TimeSpan _firstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _longestPause = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan _sendLimit = TimeSpan.FromSeconds(2);

    private readonly string _channel = service.Name + ":push";
    private readonly Guid _self = Guid.CreateVersion7();

    private readonly Channel<TMessage> _outgoing = Channel.CreateBounded<TMessage>(
        new BoundedChannelOptions(1000) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });

    private bool _away;

    /// <summary>Called with what another replica tells.</summary>
    public Action<TMessage>? Heard { get; set; }

    /// <summary>Tells the other replicas, as soon as Redis takes it.</summary>
    public void Tell(TMessage message) => _outgoing.Writer.TryWrite(message);

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(SubscribeAsync(stoppingToken), PublishAsync(stoppingToken));

    private async Task SubscribeAsync(CancellationToken stoppingToken)
    {
        var pause = _firstPause;
        while (true)
        {
            try
            {
                var replaced = redis.Replaced;
                var subscriber = await redis.SubscriberAsync().WaitAsync(stoppingToken);
                // Asked first, because a subscription is kept by the client even when making it failed: a second one would hear everything twice.
                await subscriber.PingAsync().WaitAsync(_sendLimit, stoppingToken);
                await subscriber.SubscribeAsync(_channel, (_, body) =>
                {
                    // Two connections hear the same while one takes the other's place.
                    if (!replaced.IsCompleted)
                        Receive(body);
                });
                Reached();
                pause = _firstPause;
                await replaced.WaitAsync(stoppingToken);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                Missed(e);
                await Task.Delay(pause, stoppingToken);
                pause = pause * 2 < _longestPause ? pause * 2 : _longestPause;
            }
        }
    }

    private async Task PublishAsync(CancellationToken stoppingToken)
    {
        await foreach (var message in _outgoing.Reader.ReadAllAsync(stoppingToken))
        {
            try
            {
                var body = JsonSerializer.SerializeToUtf8Bytes(new Told(_self, message), ApiJson.Options);
                var subscriber = await redis.SubscriberAsync().WaitAsync(_sendLimit, stoppingToken);
                await subscriber.PublishAsync(_channel, body).WaitAsync(_sendLimit, stoppingToken);
                Reached();
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                Missed(e);
            }
        }
    }

    // One line when Redis goes and one when it comes back, not one for each push in between.
    private void Missed(Exception e)
    {
        if (!Interlocked.Exchange(ref _away, true))
            Away(logger, e.GetType().Name, e.Message);
    }

    private void Reached()
    {
        if (Interlocked.Exchange(ref _away, false))
            Back(logger);
    }

    private void Receive(RedisValue body)
    {
        try
        {
            // What this replica told was pushed here before.
            if (JsonSerializer.Deserialize<Told>((byte[])body!, ApiJson.Options) is { } told && told.Origin != _self)
                Heard?.Invoke(told.Message);
        }
        catch (JsonException e)
        {
            Unreadable(logger, e);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Redis is away, other replicas do not hear of pushes: {Exception}: {Reason}")]
    private static partial void Away(ILogger logger, string exception, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "Redis is back, other replicas hear of pushes again")]
    private static partial void Back(ILogger logger);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Another replica's push cannot be read")]
    private static partial void Unreadable(ILogger logger, Exception exception);

    private sealed record Told(Guid Origin, TMessage Message);
}
