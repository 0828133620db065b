using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using TalentSphere.ServiceDefaults.Erasure;

namespace TalentSphere.ServiceDefaults.Messaging;

/// <summary>Takes what is somebody's out of the service's own dead letters.</summary>
internal sealed class DeadLetterRedaction(Broker broker, ServiceIdentity identity, Subscriptions subscriptions, EventRedaction redaction)
{
    /// <summary>
    /// Passes the whole queue, oldest first, until there is nothing to change: each letter is put back at the end, redacted where it is about <paramref name="owner"/>, and only taken
    /// away once the broker has confirmed the new one. So the order holds, no letter is ever returned (a quorum queue counts returns and gives up on a letter
    /// that was returned too often), and what a crash leaves is at worst one letter twice, under one message id.
    /// </summary>
    /// <returns>How many letters were changed.</returns>
    /// <exception cref="BrokerUnreachableException">The connection was lost on the way: begin again.</exception>
    public async Task<int> RedactAsync(Guid owner, CancellationToken cancellationToken)
    {
        if (subscriptions.Handled.Count == 0)
            return 0;
        var session = await broker.SessionAsync(cancellationToken);
        var changed = 0;
        while (true)
        {
            var inPass = await PassAsync(session, [owner], cancellationToken);
            changed += inPass;
            // A letter whose acknowledgement was lost with the channel is back as it was: only a pass that finds nothing says that nothing is left.
            if (inPass == 0)
                return changed;
        }
    }

    private async Task<int> PassAsync(BrokerSession session, HashSet<Guid> owners, CancellationToken cancellationToken)
    {
        var queue = Topology.DeadLetterQueueOf(identity.Name);
        try
        {
            await using var channel = await session.OpenChannelAsync(cancellationToken);
            var left = (await channel.QueueDeclarePassiveAsync(queue, cancellationToken)).MessageCount;
            var changed = 0;
            for (; left > 0 && await channel.BasicGetAsync(queue, autoAck: false, cancellationToken) is { } letter; left--)
            {
                var body = redaction.Redact(letter.Body, owners);
                var properties = new BasicProperties(letter.BasicProperties) { Persistent = true };
                if (!body.Span.SequenceEqual(letter.Body.Span))
                {
                    changed++;
                    DeadLetterHeaders.Redact(properties);
                }
                await channel.BasicPublishAsync("", queue, mandatory: true, properties, body, cancellationToken);
                await channel.BasicAckAsync(letter.DeliveryTag, multiple: false, cancellationToken);
            }
            return changed;
        }
        catch (Exception e) when (e is OperationInterruptedException or IOException or ObjectDisposedException or PublishException)
        {
            throw new BrokerUnreachableException(e);
        }
    }
}
