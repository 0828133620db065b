using System.Diagnostics;
using MassTransit;
using MassTransit.Context;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using TalentSphere.Contracts;
using TalentSphere.ServiceDefaults.Data;
using TalentSphere.ServiceDefaults.Erasure;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.ServiceDefaults.Messaging;

/// <summary>
/// What happens around a consumer: one transaction for the inbox row and the effect, tries with growing pauses, and patience without end while the
/// database is away.
/// </summary>
internal sealed class EventPipeline(
    Func<IServiceProvider, DbContext> database, IServiceScopeFactory scopes, ServiceIdentity identity, MessagingMetrics metrics, EventRedaction redaction,
    IOptions<MessagingOptions> options, TimeProvider time, ILogger<EventPipeline> logger)
{
    private readonly string _queue = Topology.QueueOf(identity.Name);
    private CancellationToken _abandoned;

    /// <summary>Handles messages until the token says that the bus they came from is gone.</summary>
    public void Begin(CancellationToken abandoned) => _abandoned = abandoned;

    public async Task HandleAsync<T>(ConsumeContext<T> context, Func<IServiceProvider, ConsumeContext<T>, Task> consume)
        where T : class
    {
        var abandoned = _abandoned;
        var envelope = context.Envelope();
        Correlate(envelope);
        using var activity = Continue(context, envelope);
        Activity.Current?.SetTag("correlation.id", envelope.CorrelationId);
        using var scope = logger.BeginScope(new Dictionary<string, object>(StringComparer.Ordinal)
        {
            ["CorrelationId"] = Correlation.Current,
            ["EventId"] = envelope.EventId,
            ["EventType"] = envelope.EventType,
        });

        var pauses = options.Value.Pauses;
        var patience = new GrowingPause(TimeSpan.FromMilliseconds(250), options.Value.MaxPause, time);
        var failures = 0;
        var waits = 0;
        while (true)
        {
            abandoned.ThrowIfCancellationRequested();
            var reached = new Progress();
            try
            {
                var applied = await TryAsync(context, envelope, new(time.GetDatabaseNow(), InShadow: false), failures + 1, consume, reached, abandoned);
                metrics.Processed(envelope.EventType, applied ? "applied" : "duplicate");
                return;
            }
            catch (Exception) when (abandoned.IsCancellationRequested)
            {
                // Not acknowledged, so the broker hands it out again, in its old place.
                throw new OperationCanceledException(abandoned);
            }
            catch (Exception e) when (!reached.Consumer || TransientFault.Is(e))
            {
                // Before the consumer ran, no fault can be the message's.
                metrics.Processed(envelope.EventType, "retried");
                if (waits++ == 0)
                    logger.LogWarning("{EventType} waits for its database: {Fault}", envelope.EventType, e.GetBaseException().Message);
                await patience.WaitAsync(abandoned);
            }
            catch (Exception e) when (failures < pauses.Count)
            {
                metrics.Processed(envelope.EventType, "retried");
                logger.LogWarning(e, "{EventType} failed, try {Try} of {Tries}", envelope.EventType, failures + 1, pauses.Count + 1);
                await NoteFailureAsync(envelope, failures + 1, e.Telling(), dead: false, abandoned);
                await Task.Delay(pauses[failures++], time, abandoned);
            }
            catch (Exception e)
            {
                await NoteFailureAsync(envelope, failures + 1, e.Telling(), dead: true, abandoned);
                throw new EventFailedException(failures + 1, e);
            }
        }
    }

    /// <summary>Repeats, in the shadow, an effect that an event had here before. Nothing of it leaves the database.</summary>
    /// <returns>False when the shadow has it already.</returns>
    public async Task<bool> RepeatAsync<T>(ConsumeContext<T> context, Func<IServiceProvider, ConsumeContext<T>, Task> consume, Arrival arrival)
        where T : class
    {
        var envelope = context.Envelope();
        Correlate(envelope);
        return await TryAsync(context, envelope, arrival, 1, consume, new(), context.CancellationToken);
    }

    /// <summary>An event without a sane id begins a flow of its own, and the same one whenever it is handled.</summary>
    private static void Correlate(EventEnvelope envelope) =>
        Correlation.Begin(Correlation.IsValid(envelope.CorrelationId) ? envelope.CorrelationId : envelope.EventId.ToString("N"));

    /// <summary>The bus continues the trace of its own header only; a client that sets no more than the W3C one is continued here.</summary>
    private static Activity? Continue(ConsumeContext context, EventEnvelope envelope) =>
        ActivityContext.TryParse(context.ReceiveContext.TransportHeaders.Get<string>(Wire.TraceParent), null, isRemote: true, out var parent)
        && Activity.Current?.TraceId != parent.TraceId
            ? MessagingMetrics.Source.StartActivity($"handle {envelope.EventType}", ActivityKind.Consumer, parent)
            : null;

    private async Task<bool> TryAsync<T>(
        ConsumeContext<T> context, EventEnvelope envelope, Arrival arrival, int attempt, Func<IServiceProvider, ConsumeContext<T>, Task> consume, Progress reached,
        CancellationToken cancellationToken)
        where T : class
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = database(scope.ServiceProvider);
        // A save that fails fails the try as a whole: a savepoint before each would be two more round trips for nothing.
        db.Database.AutoSavepointsEnabled = false;
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var inbox = new InboxEntry(_queue, envelope, arrival, attempt, (NpgsqlTransaction)transaction.GetDbTransaction());
        if (!await inbox.MakeAsync(cancellationToken))
            return false;
        // From here on what it holds is looked at: a fault that does not pass is the message's, and must not hold up those behind it for ever.
        reached.Consumer = true;
        var message = await WithoutErasedAsync(db, context, envelope, cancellationToken);
        await inbox.MirrorAsync(message, cancellationToken);
        scope.ServiceProvider.GetRequiredService<EventEffect>().Begin(arrival);
        var afterCommit = scope.ServiceProvider.GetRequiredService<AfterCommit>();
        afterCommit.InConsumer = true;
        await consume(scope.ServiceProvider, message);
        await transaction.CommitAsync(cancellationToken);
        if (!arrival.InShadow)
            await afterCommit.RunAllAsync(cancellationToken);
        return true;
    }

    /// <summary>
    /// The message as the consumer may see it: an event that was on its way while somebody was erased here must not bring back what was theirs.
    /// </summary>
    private async Task<ConsumeContext<T>> WithoutErasedAsync<T>(
        DbContext db, ConsumeContext<T> context, EventEnvelope envelope, CancellationToken cancellationToken)
        where T : class
    {
        var erased = await db.ErasedAmongAsync(redaction.OwnersIn(envelope.EventType, envelope.Data), cancellationToken);
        if (erased.Count == 0)
            return context;
        var redacted = redaction.Redact(envelope, erased);
        context.ReceiveContext.AddOrUpdatePayload(() => redacted, _ => redacted);
        return new MessageConsumeContext<T>(context, (T)Wire.ReadData(redacted, typeof(T)));
    }

    /// <summary>For whoever asks what became of the event. The message itself is safe with the broker: a database that is away is no reason to stop here.</summary>
    private async Task NoteFailureAsync(EventEnvelope envelope, int attempt, Exception fault, bool dead, CancellationToken cancellationToken)
    {
        // What an exception says may quote the event; where that holds somebody's data, only its kind is kept. The dead letter tells the rest.
        var isPersonal = redaction.OwnersIn(envelope.EventType, envelope.Data).Count > 0;
        var error = isPersonal ? fault.GetType().Name : $"{fault.GetType().Name}: {fault.Message}".Replace('\0', ' ');
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            var db = database(scope.ServiceProvider);
            db.Set<EventFailure>().Add(new EventFailure
            {
                Consumer = _queue,
                MessageId = envelope.EventId,
                EventType = envelope.EventType,
                Attempt = attempt,
                FailedAt = time.GetUtcNow().UtcDateTime,
                Error = error.Length <= EventFailure.MaxErrorLength ? error : error[..EventFailure.MaxErrorLength],
                Dead = dead,
            });
            await db.SaveChangesAsync(cancellationToken);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            logger.LogWarning("That {EventType} failed could not be noted: {Fault}", envelope.EventType, e.GetBaseException().Message);
        }
    }

    private sealed class Progress
    {
        public bool Consumer { get; set; }
    }
}

/// <summary>
/// A consumer failed on every try. The cause is not the inner exception: the bus would look through to a cancellation and take the message for one that was
/// never handled.
/// </summary>
internal sealed class EventFailedException(int attempts, Exception cause) : Exception(cause.Message)
{
    public int Attempts => attempts;

    public Exception Cause => cause;
}

/// <summary>What a consumer may want to know beside the event itself.</summary>
public static class ConsumeContextExtensions
{
    /// <summary>The envelope of the event that is being consumed: its id (a natural source for a business key), subject, time and correlation id.</summary>
    public static EventEnvelope Envelope(this ConsumeContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return context.ReceiveContext.TryGetPayload(out EventEnvelope? envelope)
            ? envelope!
            : throw new InvalidOperationException("This message did not come through the events queue.");
    }
}
