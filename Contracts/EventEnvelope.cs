using System.Text.Json;

namespace TalentSphere.Contracts;

/// <summary>
/// What an event looks like on the wire: one JSON object that a client in any language reads and writes with a plain AMQP library.
/// The AMQP <c>message-id</c> equals <see cref="EventId"/> and the AMQP <c>type</c> equals <see cref="EventType"/>.
/// </summary>
/// <param name="EventId">UUIDv7, made when the fact was recorded; the same on every redelivery.</param>
/// <param name="EventType">The routing key.</param>
/// <param name="Timestamp">When the fact was recorded, UTC.</param>
/// <param name="SchemaVersion">The version of the shape of <see cref="Data"/>.</param>
/// <param name="Source">The service that published it.</param>
/// <param name="CorrelationId">The request that it follows from: at most 128 of <c>[A-Za-z0-9._-]</c>.</param>
/// <param name="Subject">The id of the aggregate; events of one subject keep their order.</param>
/// <param name="Data">The event record, camelCase.</param>
public sealed record EventEnvelope(
    Guid EventId,
    string EventType,
    DateTime Timestamp,
    int SchemaVersion,
    string Source,
    string CorrelationId,
    string Subject,
    JsonElement Data);
