using MassTransit;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using TalentSphere.ServiceDefaults.Data;

namespace TalentSphere.ServiceDefaults.Messaging;

/// <summary>
/// Runs the bus that consumes this service's queue: one bus per connection, begun when the broker answers and given up when that, its own connection or its consumer
/// is lost. A bus that repairs itself pauses longer each time, and one whose request stays unanswered may stop trying without a word. It is not in the container, so
/// that nothing can publish past the outbox.
/// </summary>
internal sealed class EventBus(
    Broker broker, Subscriptions subscriptions, ServiceIdentity identity, EventPipeline pipeline, DeadLetters deadLetters,
    MessagingMetrics metrics, IEnumerable<IDatabaseMigration> migrations, IOptions<MessagingOptions> options, TimeProvider time, ILoggerFactory loggers) : BackgroundService
{
    private static readonly TimeSpan _startLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan _stopLimit = TimeSpan.FromSeconds(10);

    // A consumer that lives as long was no mere attempt.
    private static readonly TimeSpan _settled = TimeSpan.FromSeconds(10);
    private readonly ILogger _logger = loggers.CreateLogger<EventBus>();
    private readonly CancellationTokenSource _deadline = new();
    private volatile bool _consuming;

    /// <summary>False while there is something to consume and no bus that does.</summary>
    public bool IsConsuming => subscriptions.Handled.Count == 0 || _consuming;

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await using var late = cancellationToken.Register(_deadline.Cancel);
        await base.StopAsync(cancellationToken);
    }

    public override void Dispose()
    {
        base.Dispose();
        _deadline.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (subscriptions.Handled.Count == 0)
            return;
        var pause = new GrowingPause(TimeSpan.FromMilliseconds(250), TimeSpan.FromSeconds(10), time);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await Task.WhenAll(migrations.Select(migration => migration.Completed)).WaitAsync(stoppingToken);
                var session = await broker.SessionAsync(stoppingToken);
                await ConsumeAsync(session, pause, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                _logger.LogWarning("The queue is not consumed: {Fault}", e.Message);
            }
            if (!stoppingToken.IsCancellationRequested)
                await pause.WaitAsync(stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task ConsumeAsync(BrokerSession session, GrowingPause pause, CancellationToken stoppingToken)
    {
        // In-flight messages are abandoned when their connection is lost and when the host's patience ends, not when it begins to stop.
        using var abandoned = CancellationTokenSource.CreateLinkedTokenSource(session.Closed, _deadline.Token);
        using var lost = new CancellationTokenSource();
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(abandoned.Token, stoppingToken, lost.Token);
        await session.DeclareAsync(ended.Token);
        var gate = new ConsumerGate();
        pipeline.Begin(abandoned.Token);
        var bus = CreateBus(gate);
        var loss = new ConsumerLoss(lost);
        using var watch = bus.ConnectReceiveEndpointObserver(loss);
        using var acknowledgements = bus.ConnectReceiveObserver(gate);
        try
        {
            await bus.StartAsync(ended.Token).WaitAsync(_startLimit, time, ended.Token);
            _consuming = true;
            var began = time.GetTimestamp();
            await Task.Delay(Timeout.InfiniteTimeSpan, time, ended.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            var isLostAlone = !abandoned.IsCancellationRequested && !stoppingToken.IsCancellationRequested;
            if (!isLostAlone || time.GetElapsedTime(began) > _settled)
                pause.Reset();
            if (isLostAlone)
            {
                metrics.ConsumerLost();
                _logger.LogWarning("The queue's consumer was lost ({Reason}); another one begins", loss.Reason);
            }
        }
        catch (OperationCanceledException e) when (lost.IsCancellationRequested && !abandoned.IsCancellationRequested && !stoppingToken.IsCancellationRequested)
        {
            throw new InvalidOperationException($"its consumer was lost while it began ({loss.Reason})", e);
        }
        finally
        {
            _consuming = false;
            await gate.CloseAsync(abandoned.Token);
            await abandoned.CancelAsync();
            await StopAsync(bus);
        }
    }

    private async Task StopAsync(IBusControl bus)
    {
        using var limit = new CancellationTokenSource(_stopLimit, time);
        try
        {
            await bus.StopAsync(limit.Token);
        }
        catch (Exception e)
        {
            _logger.LogWarning("The bus did not stop in order: {Fault}", e.Message);
        }
    }

    /// <summary>Ends the bus when its only endpoint no longer receives, whatever the reason.</summary>
    private sealed class ConsumerLoss(CancellationTokenSource lost) : IReceiveEndpointObserver
    {
        public string Reason { get; private set; } = "";

        public Task Ready(ReceiveEndpointReady ready) => Task.CompletedTask;

        public Task Stopping(ReceiveEndpointStopping stopping) => Task.CompletedTask;

        public Task Completed(ReceiveEndpointCompleted completed) => LoseAsync("it ended");

        public Task Faulted(ReceiveEndpointFaulted faulted) => LoseAsync(faulted.Exception?.GetBaseException().GetType().Name ?? "it failed");

        private Task LoseAsync(string reason)
        {
            if (Reason.Length == 0)
                Reason = reason;
            return lost.CancelAsync();
        }
    }

    private IBusControl CreateBus(ConsumerGate gate)
    {
        LogContext.ConfigureCurrentLogContext(loggers);
        var address = broker.CreateFactory();
        var serialization = new EnvelopeSerialization(subscriptions.Handled);
        return Bus.Factory.CreateUsingRabbitMq(bus =>
        {
            bus.Host(address.HostName, (ushort)address.Endpoint.Port, address.VirtualHost, $"{identity.Name} events", host =>
            {
                host.Username(address.UserName);
                host.Password(address.Password);
                host.Heartbeat(address.RequestedHeartbeat);
                host.OnRefreshConnectionFactory = gate.AllowAsync;
                if (address.Ssl.Enabled)
                    host.UseSsl();
            });
            bus.ClearSerialization();
            bus.AddSerializer(serialization, isSerializer: true);
            bus.AddDeserializer(serialization, isDefault: true);
            bus.ReceiveEndpoint(Topology.QueueOf(identity.Name), queue =>
            {
                foreach (var (name, value) in Topology.QueueArguments(identity.Name))
                    queue.SetQueueArgument(name, value);
                // The queue and its bindings are declared with the connection; the bus only consumes.
                queue.BindQueue = false;
                queue.ConfigureConsumeTopology = false;
                queue.PublishFaults = false;
                queue.PrefetchCount = options.Value.Prefetch;
                queue.ConcurrentMessageLimit = 1;
                queue.ConfigureReceive(receive => receive.UseFilter(gate));
                queue.ConfigureError(error => error.UseFilter(deadLetters));
                queue.ConfigureDeadLetter(skipped => skipped.UseFilter(deadLetters));
                foreach (var consumer in subscriptions.Consumers)
                    consumer.Connect(queue, pipeline);
            });
        });
    }
}
