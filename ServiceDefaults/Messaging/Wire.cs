using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using TalentSphere.Contracts;

namespace TalentSphere.ServiceDefaults.Messaging;

/// <summary>How an event is written into bytes and read back.</summary>
public static class Wire
{
    /// <summary>The largest envelope, in bytes. What is larger is neither published nor handled.</summary>
    public const int MaxBytes = 1024 * 1024;

    /// <summary>The content type of an event.</summary>
    public const string ContentType = "application/json";

    /// <summary>The W3C trace context of the publisher.</summary>
    public const string TraceParent = "traceparent";

    /// <summary>The same for the bus library, which looks for its parent under this name.</summary>
    public const string BusTraceParent = "MT-Activity-Id";

    /// <summary>
    /// camelCase, enums as kebab-case words, unknown fields ignored, missing or null required fields refused. A field that may be null may also be absent.
    /// </summary>
    public static JsonSerializerOptions Json { get; } = MakeOptions();

    /// <summary>Writes an envelope.</summary>
    public static byte[] Write(EventEnvelope envelope) => JsonSerializer.SerializeToUtf8Bytes(envelope, Json);

    /// <summary>Reads an envelope.</summary>
    /// <exception cref="MalformedEventException">The bytes are too many, no JSON, or not an event; the message says which.</exception>
    public static EventEnvelope Read(ReadOnlySpan<byte> body)
    {
        if (body.Length > MaxBytes)
            throw new MalformedEventException($"The message has {body.Length} bytes; at most {MaxBytes} are read.");
        EventEnvelope? envelope;
        try
        {
            envelope = JsonSerializer.Deserialize<EventEnvelope>(body, Json);
        }
        catch (JsonException e)
        {
            throw new MalformedEventException($"Not an event envelope: {e.Message}", e);
        }
        if (envelope is null || envelope.EventId == Guid.Empty || string.IsNullOrEmpty(envelope.EventType))
            throw new MalformedEventException("Not an event envelope: it lacks eventId or eventType.");
        if (envelope.Data.ValueKind != JsonValueKind.Object)
            throw new MalformedEventException("Not an event envelope: data is not an object.");
        return envelope;
    }

    /// <summary>Reads an envelope's data as the record of its event.</summary>
    /// <exception cref="MalformedEventException">The data does not have the record's shape.</exception>
    public static object ReadData(EventEnvelope envelope, Type eventType)
    {
        ArgumentNullException.ThrowIfNull(envelope);
        try
        {
            return envelope.Data.Deserialize(eventType, Json)!;
        }
        catch (JsonException e)
        {
            throw new MalformedEventException($"The data of '{envelope.EventType}' is malformed: {e.Message}", e);
        }
    }

    private static JsonSerializerOptions MakeOptions()
    {
        var options = new JsonSerializerOptions(JsonSerializerDefaults.Web)
        {
            NumberHandling = JsonNumberHandling.Strict,
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            RespectNullableAnnotations = true,
            RespectRequiredConstructorParameters = true,
            Converters = { new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower) },
            TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { LetNullableFieldsBeAbsent } },
        };
        options.MakeReadOnly();
        return options;
    }

    private static void LetNullableFieldsBeAbsent(JsonTypeInfo type)
    {
        foreach (var property in type.Properties)
        {
            if (property.AssociatedParameter is { IsNullable: true })
                property.IsRequired = false;
        }
    }
}

/// <summary>A message that is no event of ours. No retry helps it: it goes to the dead letters at once.</summary>
public sealed class MalformedEventException(string message, Exception? innerException = null) : Exception(message, innerException);
