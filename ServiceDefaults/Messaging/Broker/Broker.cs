using System.Reflection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using TalentSphere.Contracts;

namespace TalentSphere.ServiceDefaults.Messaging;

/// <summary>
/// Keeps one connection to the broker open for as long as the process lives, and declares on it what this service needs. The process starts and stays up
/// without a broker; whoever needs one waits in <see cref="SessionAsync"/>.
/// </summary>
internal sealed class Broker(IConfiguration configuration, ServiceIdentity identity, Subscriptions subscriptions, TimeProvider time, ILogger<Broker> logger)
    : BackgroundService
{
    private static readonly TimeSpan _heartbeat = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan _longestPause = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan _bootTime = TimeSpan.FromSeconds(15);
    private readonly Lock _gate = new();
    private TaskCompletionSource<BrokerSession> _session = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public bool IsOpen
    {
        get
        {
            lock (_gate)
            {
                return _session.Task is { IsCompletedSuccessfully: true, Result.IsOpen: true };
            }
        }
    }

    /// <summary>The open session, as soon as there is one.</summary>
    public Task<BrokerSession> SessionAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return _session.Task.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Connections as this service makes them.</summary>
    public ConnectionFactory CreateFactory() => BrokerFactory.Create(configuration, identity.Name, _heartbeat);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var pause = new GrowingPause(TimeSpan.FromMilliseconds(250), _longestPause, time);
        var away = false;
        // A broker that boots beside us is nothing to warn of.
        var patience = time.GetUtcNow() + _bootTime;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await using var session = await BrokerSession.OpenAsync(CreateFactory(), DeclareAsync, stoppingToken);
                if (away)
                    logger.LogInformation("The broker answers again");
                away = false;
                patience = DateTimeOffset.MinValue;
                pause.Reset();
                _session.SetResult(session);
                using var ended = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, session.Closed);
                await Task.Delay(Timeout.InfiniteTimeSpan, time, ended.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                lock (_gate)
                {
                    _session = new(TaskCreationOptions.RunContinuationsAsynchronously);
                }
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                if (!away && time.GetUtcNow() > patience)
                {
                    logger.LogWarning("The broker does not answer ({Fault}); events wait in the outbox", Innermost(e));
                    away = true;
                }
            }
            if (!stoppingToken.IsCancellationRequested)
                await pause.WaitAsync(stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static string Innermost(Exception e)
    {
        while (e.InnerException is { } inner)
            e = inner;
        return $"{e.GetType().Name}: {e.Message}";
    }

    private async Task DeclareAsync(IConnection connection, CancellationToken cancellationToken)
    {
        await DeclareDeadLetterQueueAsync(connection, cancellationToken);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
        await channel.ExchangeDeclareAsync(Topology.Exchange, ExchangeType.Topic, durable: true, cancellationToken: cancellationToken);
        // Also without a consumer: publishers wait for the queue of every service that they are told of.
        var queue = Topology.QueueOf(identity.Name);
        await channel.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: false,
            new Dictionary<string, object?>(Topology.QueueArguments(identity.Name)), cancellationToken: cancellationToken);
        foreach (var topic in subscriptions.Handled)
            await channel.QueueBindAsync(queue, Topology.Exchange, topic.Key, cancellationToken: cancellationToken);
        // AMQP cannot list bindings, but unbinding what is not bound is no error: a key that the code stopped handling does not linger.
        var known = subscriptions.Handled.Select(topic => topic.EventType.Assembly).Append(typeof(TopicAttribute).Assembly).Distinct()
            .SelectMany(assembly => assembly.GetTypes()).Select(type => type.GetCustomAttribute<TopicAttribute>()?.Key).OfType<string>();
        foreach (var key in known.Except(subscriptions.Handled.Select(topic => topic.Key)))
            await channel.QueueUnbindAsync(queue, Topology.Exchange, key, cancellationToken: cancellationToken);
    }

    private async Task DeclareDeadLetterQueueAsync(IConnection connection, CancellationToken cancellationToken)
    {
        var queue = Topology.DeadLetterQueueOf(identity.Name);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
        try
        {
            await channel.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: false,
                new Dictionary<string, object?>(Topology.DeadLetterQueueArguments), cancellationToken: cancellationToken);
        }
        catch (OperationInterruptedException e) when (e.ShutdownReason is { ReplyCode: Constants.PreconditionFailed })
        {
            // A queue keeps the arguments it was made with, and these hold letters: it serves as it is.
            logger.LogInformation("{Queue} was declared with other arguments and stays as it is", queue);
        }
    }
}

/// <summary>What this service listens to.</summary>
internal sealed record Subscriptions(IReadOnlyList<EventTopic> Handled, IReadOnlyList<IConsumerConnection> Consumers);
