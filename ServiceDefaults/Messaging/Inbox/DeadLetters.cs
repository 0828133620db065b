using System.Globalization;
using System.Text;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using TalentSphere.Contracts;
using TalentSphere.ServiceDefaults.Erasure;

namespace TalentSphere.ServiceDefaults.Messaging;

/// <summary>
/// Moves what cannot be handled to the service's dead-letter queue: the body and the headers as they came, and beside them the reason, the stack and the
/// number of tries. A message leaves the queue only after the dead-letter queue has it.
/// </summary>
internal sealed class DeadLetters(
    Func<IServiceProvider, DbContext> database, IServiceScopeFactory scopes, EventRedaction redaction, Broker broker, ServiceIdentity identity, Subscriptions subscriptions, MessagingMetrics metrics, TimeProvider time, ILogger<DeadLetters> logger)
    : IFilter<ExceptionReceiveContext>, IFilter<ReceiveContext>
{
    // A header frame is limited to 128 KiB in all.
    private const int _reasonLength = 1000;
    private const int _stackLength = 16000;

    private readonly HashSet<string> _handled = subscriptions.Handled.Select(topic => topic.Key).ToHashSet(StringComparer.Ordinal);

    public async Task Send(ExceptionReceiveContext context, IPipe<ExceptionReceiveContext> next)
    {
        // What is neither delivered nor faulted would count as skipped, and be moved a second time.
        if (!context.IsFaulted)
            await context.NotifyFaulted(context.Exception);
        var (attempts, cause) = context.Exception is EventFailedException failed ? (failed.Attempts, failed.Cause) : (1, context.Exception);
        var root = cause.Telling();
        var reason = cause is MalformedEventException ? cause.Message : $"{root.GetType().Name}: {root.Message}";
        await MoveAsync(context, reason, cause.ToString(), attempts);
    }

    public Task Send(ReceiveContext context, IPipe<ReceiveContext> next) =>
        MoveAsync(context, "No consumer of this service handles the event.", stack: null, attempts: 0);

    public void Probe(ProbeContext context) => context.CreateFilterScope("deadLetters");

    private async Task MoveAsync(ReceiveContext context, string reason, string? stack, int attempts)
    {
        if (!context.TryGetPayload(out RabbitMqBasicConsumeContext? delivery))
            throw new InvalidOperationException("A message without its delivery cannot be moved.");
        var properties = new BasicProperties(delivery!.Properties) { Persistent = true };
        var headers = properties.Headers is { } original ? new Dictionary<string, object?>(original, StringComparer.Ordinal) : [];
        headers[DeadLetterHeaders.Reason] = Cut(reason, _reasonLength);
        if (stack is not null)
            headers[DeadLetterHeaders.Stack] = Cut(stack, _stackLength);
        headers[DeadLetterHeaders.Attempts] = attempts;
        headers[DeadLetterHeaders.Key] = delivery.RoutingKey ?? "";
        headers[DeadLetterHeaders.At] = time.GetUtcNow().UtcDateTime.ToString("O", CultureInfo.InvariantCulture);
        properties.Headers = headers;
        var body = await WithoutErasedAsync(context.Body.GetBytes(), context.CancellationToken);
        if (body is not null)
            DeadLetterHeaders.Redact(properties);

        Outgoing[] letter = [new("", Topology.DeadLetterQueueOf(identity.Name), properties, body ?? context.Body.GetBytes())];
        while (true)
        {
            try
            {
                var session = await broker.SessionAsync(context.CancellationToken);
                // A letter that no queue takes would be confirmed all the same.
                await session.EnsureAsync(letter[0].RoutingKey, context.CancellationToken);
                if ((await session.PublishAsync(letter))[0])
                    break;
                logger.LogWarning("The dead-letter queue refused a message; trying again");
            }
            catch (BrokerUnreachableException e)
            {
                // The delivery itself is gone with the connection and comes again.
                throw new OperationCanceledException("The broker went away before the message was moved.", e);
            }
            await Task.Delay(TimeSpan.FromSeconds(1), time, context.CancellationToken);
        }
        // Only what is known becomes a label: anybody could make up others.
        var claimed = context.TryGetPayload(out EventEnvelope? envelope) ? envelope!.EventType : properties.Type;
        var type = claimed is not null && _handled.Contains(claimed) ? claimed : "unknown";
        metrics.Processed(type, "dead");
        logger.LogError(
            "Dead letter: {EventType} {MessageId} after {Attempts} tries: {Reason}", type, properties.MessageId, attempts, Cut(reason, _reasonLength));
    }

    /// <summary>The message without what is theirs who were erased here; null when nothing is. Without the database nobody can say: it is waited for.</summary>
    private async Task<byte[]?> WithoutErasedAsync(byte[] body, CancellationToken cancellationToken)
    {
        var owners = redaction.OwnersIn(body);
        if (owners.Count == 0)
            return null;
        while (true)
        {
            try
            {
                await using var scope = scopes.CreateAsyncScope();
                var erased = await database(scope.ServiceProvider).ErasedAmongAsync(owners, cancellationToken);
                return erased.Count == 0 ? null : redaction.Redact(body, erased).ToArray();
            }
            catch (Exception e) when (TransientFault.Is(e))
            {
                logger.LogWarning("A dead letter waits for the database: {Fault}", e.GetBaseException().Message);
            }
            await Task.Delay(TimeSpan.FromSeconds(1), time, cancellationToken);
        }
    }

    private static string Cut(string text, int length) => text.Length <= length ? text : text[..length];
}

/// <summary>The headers that a dead letter has beside its own; a replay takes them off.</summary>
public static class DeadLetterHeaders
{
    /// <summary>Why, in one sentence.</summary>
    public const string Reason = "x-dead-reason";

    /// <summary>The exception with its stack, where there was one.</summary>
    public const string Stack = "x-dead-stack";

    /// <summary>How often it was tried.</summary>
    public const string Attempts = "x-dead-attempts";

    /// <summary>The routing key it came with.</summary>
    public const string Key = "x-dead-key";

    /// <summary>When, UTC, ISO 8601.</summary>
    public const string At = "x-dead-at";

    /// <summary>Leaves of the reason and the stack only what cannot quote the message.</summary>
    internal static void Redact(BasicProperties properties)
    {
        if (properties.Headers is not { } headers)
            return;
        headers = new Dictionary<string, object?>(headers, StringComparer.Ordinal);
        headers.Remove(Stack);
        if (headers.TryGetValue(Reason, out var value) && (value as string ?? (value is byte[] bytes ? Encoding.UTF8.GetString(bytes) : null)) is { } reason)
            headers[Reason] = reason.Split(':')[0];
        properties.Headers = headers;
    }
}
