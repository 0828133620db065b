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
    /// <exception cref="InvalidOperationException">
    /// The type has no valid <c>[Topic]</c>, the subject is empty, or the event is larger than <see cref="Wire.MaxBytes"/>.
    /// </exception>
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
        var (id, now) = _ids.Next(time.GetUtcNow());
        var envelope = new EventEnvelope(
            id,
            topic.Key,
            now.UtcDateTime,
            topic.SchemaVersion,
            identity.Name,
            Correlation.Current,
            topic.SubjectOf(@event),
            JsonSerializer.SerializeToElement(@event, topic.EventType, Wire.Json));
        var owners = topic.Personal?.OwnersIn(envelope.Data) ?? [];
        var bytes = Wire.Write(envelope);
        if (bytes.Length > Wire.MaxBytes)
            throw new InvalidOperationException($"'{topic.Key}' has {bytes.Length} bytes; at most {Wire.MaxBytes} can be published.");
        return new OutboxMessage
        {
            Id = envelope.EventId,
            EventType = envelope.EventType,
            Subject = envelope.Subject,
            CorrelationId = envelope.CorrelationId,
            TraceParent = Activity.Current is { IdFormat: ActivityIdFormat.W3C, Id: { } trace } ? trace : null,
            Envelope = bytes,
            PersonalOf = owners.Count == 0 ? null : [.. owners],
            CreatedAt = envelope.Timestamp,
        };
    }
}

/// <summary>
/// UUIDv7 with a counter (RFC 9562, 6.2, method 1): each id of this process is greater than the one before. EF Core inserts the rows of one save in the order
/// of their keys, so this is what keeps two events of one transaction in the order in which they were published.
/// </summary>
internal sealed class EventIds
{
    private const int _counterLimit = 0x1000;
    private readonly Lock _gate = new();
    private long _millisecond;
    private int _counter;

    /// <summary>The next id and the moment it carries, in whole milliseconds.</summary>
    public (Guid Id, DateTimeOffset Time) Next(DateTimeOffset now)
    {
        DateTimeOffset moment;
        int counter;
        lock (_gate)
        {
            var millisecond = now.ToUnixTimeMilliseconds();
            if (millisecond > _millisecond)
                (_millisecond, _counter) = (millisecond, 0);
            else if (++_counter == _counterLimit)
                (_millisecond, _counter) = (_millisecond + 1, 0);
            moment = DateTimeOffset.FromUnixTimeMilliseconds(_millisecond);
            counter = _counter;
        }
        var bytes = Guid.CreateVersion7(moment).ToByteArray(bigEndian: true);
        bytes[6] = (byte)(0x70 | (counter >> 8));
        bytes[7] = (byte)counter;
        return (new Guid(bytes, bigEndian: true), moment);
    }
}
