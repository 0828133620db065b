using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using TalentSphere.ServiceDefaults.Data;

namespace TalentSphere.ServiceDefaults.Messaging;

/// <summary>When an event took effect here, and whether this is about that moment or about its repetition in a shadow.</summary>
/// <param name="At">The time in the inbox row, UTC, in whole microseconds. A repetition has the one of the first time.</param>
/// <param name="InShadow">Whether the effect goes into the shadow.</param>
internal readonly record struct Arrival(DateTime At, bool InShadow);

/// <summary>
/// The effect that a consumer is about to have. Scoped: take it in the constructor. A consumer that takes its times and ids from here, and not from the clock and
/// from chance, makes the same rows to the byte when its projection is rebuilt.
/// </summary>
public sealed class EventEffect(TimeProvider time)
{
    private Arrival? _arrival;

    /// <summary>The time of the effect, UTC, in whole microseconds: the one in the inbox row. Outside a consumer: now.</summary>
    public DateTime At => _arrival?.At ?? time.GetDatabaseNow();

    /// <summary>
    /// Whether an event that had its effect before is repeated in a shadow. What was decided then by something that is in no event has to be looked up:
    /// see <see cref="HasPublishedAsync{TEvent}"/>.
    /// </summary>
    public bool IsRepeated => _arrival is { InShadow: true };

    /// <summary>Whether an event with that subject was published when the effect was had the first time. For repetitions.</summary>
    public async Task<bool> HasPublishedAsync<TEvent>(DbContext db, string subject, CancellationToken cancellationToken)
        where TEvent : class
    {
        ArgumentNullException.ThrowIfNull(db);
        var (key, correlation) = (Topology.Of<TEvent>().Key, Http.Correlation.Current);
        // The request is what the outbox has an index for; all that follows from it carries its id. Named with its schema: the shadow has an outbox of its own.
        return await db.Database.SqlQuery<bool>(
            $"""
            SELECT EXISTS (SELECT FROM public.outbox_messages WHERE correlation_id = {correlation} AND event_type = {key} AND subject = {subject}) AS "Value"
            """).SingleAsync(cancellationToken);
    }

    internal void Begin(Arrival arrival) => _arrival = arrival;
}

/// <summary>Ids that follow from an event, so that the same event makes the same rows whenever it is applied.</summary>
public static class DerivedId
{
    /// <summary>
    /// A UUIDv7 (RFC 9562, 5.7) with the time <paramref name="at"/>, in whole milliseconds, and in place of the random bits those of the SHA-256 of the
    /// event's id and the purpose.
    /// </summary>
    /// <param name="eventId">The event.</param>
    /// <param name="purpose">What the id is for: one event may need several.</param>
    /// <param name="at">The time of the effect, UTC.</param>
    public static Guid Of(Guid eventId, string purpose, DateTime at)
    {
        Span<byte> input = stackalloc byte[16 + Encoding.UTF8.GetMaxByteCount(purpose.Length)];
        eventId.TryWriteBytes(input, bigEndian: true, out _);
        var length = 16 + Encoding.UTF8.GetBytes(purpose, input[16..]);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(input[..length], hash);
        Span<byte> id = stackalloc byte[16];
        BinaryPrimitives.WriteInt64BigEndian(id, new DateTimeOffset(DateTime.SpecifyKind(at, DateTimeKind.Utc)).ToUnixTimeMilliseconds() << 16);
        hash[..10].CopyTo(id[6..]);
        id[6] = (byte)(0x70 | (id[6] & 0x0F));
        id[8] = (byte)(0x80 | (id[8] & 0x3F));
        return new Guid(id, bigEndian: true);
    }
}
