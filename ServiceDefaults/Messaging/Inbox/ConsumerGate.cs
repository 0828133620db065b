using MassTransit;
using MassTransit.RabbitMqTransport;
using RabbitMQ.Client;

namespace TalentSphere.ServiceDefaults.Messaging;

/// <summary>
/// Lets one message through at a time, and ends consuming without mixing up the order. A bus that is merely stopped gives up its place as the queue's active
/// consumer while it still holds messages, and hands those back one by one, behind whatever its successor was given meanwhile. A connection that closes hands
/// all of them back at once, in their old places, before the successor gets anything. Observing the bus tells it when the message under way is acknowledged,
/// which is after its pipe has ended: closed before that, it would be handed back although it had its effect.
/// </summary>
internal sealed class ConsumerGate : IFilter<ReceiveContext>, IReceiveObserver
{
    private static readonly TimeSpan _closeLimit = TimeSpan.FromSeconds(2);
    private readonly SemaphoreSlim _one = new(1, 1);
    private readonly CancellationTokenSource _closed = new();
    private volatile UnderWay? _last;
    private ChannelContext? _channel;
    private ITcpClient? _socket;
    private volatile bool _closing;

    public async Task Send(ReceiveContext context, IPipe<ReceiveContext> next)
    {
        using (var ended = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, _closed.Token))
            await _one.WaitAsync(ended.Token);
        try
        {
            if (context.TryGetPayload(out ChannelContext? channel))
                _channel = channel;
            _last = new(context);
            await next.Send(context);
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>Waits for the message under way, then closes the connection that the others came by.</summary>
    public async Task CloseAsync(CancellationToken cancellationToken)
    {
        _closing = true;
        await _one.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_last is { } last)
            await last.Settled.Task.WaitAsync(_closeLimit, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_channel is { ConnectionContext.Connection: { IsOpen: true } connection, Channel: { } channel })
        {
            // The client's close waits for its deliveries, and the next one waits here: it is let go as soon as its channel is shut and can hand nothing back.
            channel.ChannelShutdownAsync += (_, _) => _closed.CancelAsync();
            try
            {
                await connection.CloseAsync(200, "stopping", _closeLimit, abort: true, CancellationToken.None).WaitAsync(_closeLimit, CancellationToken.None);
            }
            catch (TimeoutException)
            {
                // It has locked itself up and still sends heartbeats: the broker would keep everything for this consumer as long as the process lives.
                _socket?.Close();
            }
        }
        await _closed.CancelAsync();
    }

    /// <summary>Asked before every connection: a bus whose gate is closed must not come back, not even while it is still being stopped.</summary>
    public Task AllowAsync(ConnectionFactory factory)
    {
        if (_closing)
            return Task.FromException(new OperationCanceledException("This bus has ended."));
        factory.SocketFactory = family => _socket = ConnectionFactoryBase.DefaultSocketFactory(family);
        return Task.CompletedTask;
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("gate");

    Task IReceiveObserver.PreReceive(ReceiveContext context) => Task.CompletedTask;

    Task IReceiveObserver.PostReceive(ReceiveContext context) => SettleAsync(context);

    Task IReceiveObserver.PostConsume<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType) => Task.CompletedTask;

    Task IReceiveObserver.ConsumeFault<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType, Exception exception) => Task.CompletedTask;

    Task IReceiveObserver.ReceiveFault(ReceiveContext context, Exception exception) => SettleAsync(context);

    private Task SettleAsync(ReceiveContext context)
    {
        if (_last is { } last && last.Context == context)
            last.Settled.TrySetResult();
        return Task.CompletedTask;
    }

    private sealed record UnderWay(ReceiveContext Context)
    {
        public TaskCompletionSource Settled { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
