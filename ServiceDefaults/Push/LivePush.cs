using System.Threading.Channels;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace TalentSphere.ServiceDefaults.Push;

/// <summary>Something for one person's open connections.</summary>
public interface IPushMessage
{
    /// <summary>Whose.</summary>
    Guid UserId { get; }
}

/// <summary>
/// Pushes to open connections: at once to those of this replica, and through <see cref="ReplicaFanOut{TMessage}"/> to those of the others.
/// Best effort and never waited for: what is full drops its oldest, and a client that comes back asks the API.
/// </summary>
/// <typeparam name="THub">The hub that the connections are open to.</typeparam>
/// <typeparam name="TMessage">What is pushed; it travels between replicas as JSON.</typeparam>
public abstract partial class LivePush<THub, TMessage>(
    IHubContext<THub> hub, Audience audience, ReplicaFanOut<TMessage> replicas, ILogger<LivePush<THub, TMessage>> logger) : BackgroundService
    where THub : PersonalHub
    where TMessage : class, IPushMessage
{
    // A client that does not read holds up its own lane until it is cut off, and no other.
    private const int _lanes = 8;

    private readonly Channel<TMessage>[] _waiting = [.. Enumerable.Range(0, _lanes).Select(_ => Channel.CreateBounded<TMessage>(
        new BoundedChannelOptions(1000) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true }))];

    /// <summary>Pushes to all of the person's connections, one message after the other.</summary>
    protected void Push(TMessage message)
    {
        PushHere(message);
        replicas.Tell(message);
    }

    /// <summary>Sends a message to its person.</summary>
    protected abstract Task DeliverAsync(IClientProxy person, TMessage message, CancellationToken cancellationToken);

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken)
    {
        replicas.Heard = PushHere;
        return Task.WhenAll(_waiting.Select(lane => RunAsync(lane.Reader, stoppingToken)));
    }

    private void PushHere(TMessage message)
    {
        if (audience.Contains(message.UserId))
            _waiting[(uint)message.UserId.GetHashCode() % _lanes].Writer.TryWrite(message);
    }

    private async Task RunAsync(ChannelReader<TMessage> lane, CancellationToken stoppingToken)
    {
        await foreach (var message in lane.ReadAllAsync(stoppingToken))
        {
            try
            {
                await DeliverAsync(hub.Clients.Group(PersonalHub.GroupOf(message.UserId)), message, stoppingToken);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                Failed(logger, e);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A push failed; what it told of can still be asked for")]
    private static partial void Failed(ILogger logger, Exception exception);
}
