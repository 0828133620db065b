using System.Diagnostics;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using TalentSphere.Contracts;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.ServiceDefaults.Messaging;

/// <summary>The one way to publish an event.</summary>
public static class OutboxExtensions
{
    /// <summary>
    /// Records an event beside the fact: it is committed, or not, by the caller's own <c>SaveChangesAsync</c> and goes out after that.
    /// An event that is published but never saved does not exist.
    /// </summary>
    /// <returns>The event's id.</returns>
    /// <exception cref="InvalidOperationException">The type has no valid <c>[Topic]</c>, the subject is empty, or the event is larger than <see cref="Wire.MaxBytes"/>.</exception>
    public static Guid Publish<TEvent>(this DbContext db, TEvent @event)
        where TEvent : class
    {
        ArgumentNullException.ThrowIfNull(db);
        ArgumentNullException.ThrowIfNull(@event);
        var message = db.GetService<EventWriter>().Write(@event);
        db.Set<OutboxMessage>().Add(message);
        OutboxSignal.Expect(db);
        return message.Id;
    }
}

/// <summary>Makes outbox rows of events.</summary>
internal sealed class EventWriter(ServiceIdentity identity, TimeProvider time)
{
    private readonly EventIds _ids = new();

    public OutboxMessage Write(object @event)
    {
        var topic = Topology.Of(@event.GetType());
        var now = time.GetUtcNow();
        // Milliseconds are what the id carries as well.
        now = new DateTimeOffset(now.Ticks - (now.Ticks % TimeSpan.TicksPerMillisecond), TimeSpan.Zero);
        var envelope = new EventEnvelope(
            _ids.Next(now),
            topic.Key,
            now.UtcDateTime,
            topic.SchemaVersion,
            identity.Name,
            Correlation.Current,
            topic.SubjectOf(@event),
            JsonSerializer.SerializeToElement(@event, topic.EventType, Wire.Json));
        var bytes = Wire.Write(envelope);
        if (bytes.Length > Wire.MaxBytes)
            throw new InvalidOperationException($"'{topic.Key}' has {bytes.Length} bytes; at most {Wire.MaxBytes} can be published.");
        return new OutboxMessage
        {
            Id = envelope.EventId,
            EventType = envelope.EventType,
            Subject = envelope.Subject,
            CorrelationId = envelope.CorrelationId,
            TraceParent = Activity.Current is { IdFormat: ActivityIdFormat.W3C, Id: { } id } ? id : null,
            Envelope = bytes,
            CreatedAt = envelope.Timestamp,
        };
    }
}
