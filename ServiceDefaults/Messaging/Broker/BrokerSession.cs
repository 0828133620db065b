using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;

namespace TalentSphere.ServiceDefaults.Messaging;

/// <summary>A message to publish.</summary>
internal readonly record struct Outgoing(string Exchange, string RoutingKey, BasicProperties Properties, ReadOnlyMemory<byte> Body);

/// <summary>One connection to the broker, from its opening to its loss, with one channel that publishes with confirmations.</summary>
internal sealed class BrokerSession : IAsyncDisposable
{
    private static readonly TimeSpan _confirmLimit = TimeSpan.FromSeconds(30);

    private readonly IConnection _connection;
    private readonly IChannel _channel;
    private readonly Func<IConnection, CancellationToken, Task> _declare;
    private readonly SemaphoreSlim _publishing = new(1, 1);
    private readonly CancellationTokenSource _closed = new();
    private readonly Lock _gate = new();
    private ulong _published;
    private Batch? _batch;

    private BrokerSession(IConnection connection, IChannel channel, Func<IConnection, CancellationToken, Task> declare)
    {
        (_connection, _channel, _declare) = (connection, channel, declare);
        channel.BasicAcksAsync += (_, e) => Settled(e.DeliveryTag, e.Multiple, confirmed: true);
        channel.BasicNacksAsync += (_, e) => Settled(e.DeliveryTag, e.Multiple, confirmed: false);
        channel.ChannelShutdownAsync += (_, e) => LostAsync(e);
        connection.ConnectionShutdownAsync += (_, e) => LostAsync(e);
    }

    /// <summary>Cancelled when the connection is lost or closed.</summary>
    public CancellationToken Closed => _closed.Token;

    public bool IsOpen => _connection.IsOpen && _channel.IsOpen;

    public static async Task<BrokerSession> OpenAsync(
        ConnectionFactory factory, Func<IConnection, CancellationToken, Task> declare, CancellationToken cancellationToken)
    {
        var connection = await factory.CreateConnectionAsync(cancellationToken);
        try
        {
            await declare(connection, cancellationToken);
            // Confirmations are counted here: the client's own tracking adds a header to every message and awaits each by itself.
            var channel = await connection.CreateChannelAsync(
                new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: false), cancellationToken);
            var session = new BrokerSession(connection, channel, declare);
            // Lost before anybody listened for it.
            if (!session.IsOpen)
                await session._closed.CancelAsync();
            return session;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>Declares once more what was declared when the session was opened: somebody may have deleted it since.</summary>
    /// <exception cref="BrokerUnreachableException">The connection was lost.</exception>
    public Task DeclareAsync(CancellationToken cancellationToken) => EnsureAsync(queue: null, cancellationToken);

    /// <summary>The same, if a queue is not there.</summary>
    /// <exception cref="BrokerUnreachableException">The connection was lost.</exception>
    public async Task EnsureAsync(string? queue, CancellationToken cancellationToken)
    {
        try
        {
            if (queue is null || !await HasQueueAsync(queue, cancellationToken))
                await _declare(_connection, cancellationToken);
        }
        catch (Exception e) when (e is OperationInterruptedException or IOException or ObjectDisposedException or TimeoutException)
        {
            throw new BrokerUnreachableException(e);
        }
    }

    /// <summary>Whether the broker knows a queue of that name.</summary>
    public async Task<bool> HasQueueAsync(string name, CancellationToken cancellationToken)
    {
        await using var channel = await _connection.CreateChannelAsync(cancellationToken: cancellationToken);
        try
        {
            await channel.QueueDeclarePassiveAsync(name, cancellationToken);
            return true;
        }
        catch (OperationInterruptedException e) when (e.ShutdownReason is { ReplyCode: Constants.NotFound })
        {
            return false;
        }
    }

    /// <summary>
    /// Publishes in the given order and returns, for each message, whether the broker took it. All are sent before the first confirmation is awaited.
    /// </summary>
    /// <exception cref="BrokerUnreachableException">
    /// The connection was lost, or the broker did not confirm within thirty seconds: any of them may have arrived.
    /// </exception>
    public async Task<bool[]> PublishAsync(IReadOnlyList<Outgoing> messages)
    {
        await _publishing.WaitAsync();
        try
        {
            var batch = new Batch(_published + 1, messages.Count);
            lock (_gate)
            {
                _batch = batch;
            }
            _published += (ulong)messages.Count;
            using var lost = _closed.Token.Register(() => batch.Lost());
            using var limit = new CancellationTokenSource(_confirmLimit);
            try
            {
                foreach (var message in messages)
                    await _channel.BasicPublishAsync(message.Exchange, message.RoutingKey, mandatory: false, message.Properties, message.Body, limit.Token);
                return await batch.Settled.WaitAsync(limit.Token);
            }
            catch (Exception e) when (e is OperationCanceledException or OperationInterruptedException or IOException or ObjectDisposedException)
            {
                // What is unconfirmed would be counted against the next batch: this channel is of no more use.
                await CloseAsync();
                throw new BrokerUnreachableException(e);
            }
        }
        finally
        {
            lock (_gate)
            {
                _batch = null;
            }
            _publishing.Release();
        }
    }

    /// <summary>Another channel on the same connection; what is published on it is awaited one by one.</summary>
    public Task<IChannel> OpenChannelAsync(CancellationToken cancellationToken) => _connection.CreateChannelAsync(
        new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true), cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        await _channel.DisposeAsync();
        await _connection.DisposeAsync();
    }

    private async Task CloseAsync()
    {
        await _closed.CancelAsync();
        if (_connection.IsOpen)
            await _connection.AbortAsync(TimeSpan.FromSeconds(2));
    }

    private Task LostAsync(ShutdownEventArgs reason)
    {
        _ = reason;
        return _closed.CancelAsync();
    }

    private Task Settled(ulong tag, bool multiple, bool confirmed)
    {
        lock (_gate)
        {
            _batch?.Settle(tag, multiple, confirmed);
        }
        return Task.CompletedTask;
    }

    private sealed class Batch(ulong first, int count)
    {
        private readonly TaskCompletionSource<bool[]> _settled = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly bool[] _confirmed = new bool[count];
        private readonly bool[] _answered = new bool[count];
        private int _open = count;
        private int _low;

        public Task<bool[]> Settled => _settled.Task;

        public void Lost() => _settled.TrySetCanceled();

        public void Settle(ulong tag, bool multiple, bool confirmed)
        {
            if (tag < first)
                return;
            var last = (int)Math.Min(tag - first, (ulong)(_answered.Length - 1));
            for (var i = multiple ? _low : last; i <= last; i++)
            {
                if (_answered[i])
                    continue;
                _answered[i] = true;
                _confirmed[i] = confirmed;
                _open--;
            }
            if (multiple)
                _low = Math.Max(_low, last + 1);
            if (_open == 0)
                _settled.TrySetResult(_confirmed);
        }
    }
}
