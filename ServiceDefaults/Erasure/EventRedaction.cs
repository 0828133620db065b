using System.Buffers;
using System.Text.Json;
using TalentSphere.Contracts;
using TalentSphere.ServiceDefaults.Messaging;

namespace TalentSphere.ServiceDefaults.Erasure;

/// <summary>Takes what is somebody's out of events, wherever they lie: the fields that <see cref="PersonalDataAttribute"/> marks, and nothing else.</summary>
/// <remarks>
/// It reads the wire form and not the record, so that an event that fits no record any more, as one in the dead letters may, is redacted all the same.
/// </remarks>
internal sealed class EventRedaction
{
    private static readonly JsonWriterOptions _writing = new() { Encoder = Wire.Json.Encoder, SkipValidation = true };
    private readonly Dictionary<string, PersonalFields> _fields;

    public EventRedaction(Subscriptions subscriptions)
    {
        // What is published or dead-lettered here stands in the contracts; what is only heard may stand elsewhere.
        _fields = Topology.EventsIn(typeof(TopicAttribute).Assembly).UnionBy(subscriptions.Handled, topic => topic.Key)
            .Where(topic => topic.Personal is not null).ToDictionary(topic => topic.Key, topic => topic.Personal!, StringComparer.Ordinal);
    }

    /// <summary>Whose data an event holds.</summary>
    public IReadOnlyCollection<Guid> OwnersIn(string eventType, JsonElement data) =>
        _fields.TryGetValue(eventType, out var fields) ? fields.OwnersIn(data) : [];

    /// <summary>Whose data a message holds; nobody's when it is no event.</summary>
    public IReadOnlyCollection<Guid> OwnersIn(ReadOnlyMemory<byte> body)
    {
        using var document = Parse(body);
        return document is not null && TypeOf(document.RootElement) is { } type && DataOf(document.RootElement) is { } data ? OwnersIn(type, data) : [];
    }

    /// <summary>The envelope without what is the owners'.</summary>
    public EventEnvelope Redact(EventEnvelope envelope, IReadOnlySet<Guid> owners)
    {
        if (!_fields.TryGetValue(envelope.EventType, out var fields))
            return envelope;
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, _writing))
            fields.WriteRedacted(writer, envelope.Data, owners);
        using var document = JsonDocument.Parse(buffer.WrittenMemory);
        return envelope with { Data = document.RootElement.Clone() };
    }

    /// <summary>The message without what is the owners'; the same bytes when there is nothing of theirs in it.</summary>
    public ReadOnlyMemory<byte> Redact(ReadOnlyMemory<byte> body, IReadOnlySet<Guid> owners)
    {
        using var document = Parse(body);
        if (document is null || TypeOf(document.RootElement) is not { } type || DataOf(document.RootElement) is not { } data
            || !_fields.TryGetValue(type, out var fields) || !fields.OwnersIn(data).Any(owners.Contains))
            return body;
        var buffer = new ArrayBufferWriter<byte>(body.Length);
        using (var writer = new Utf8JsonWriter(buffer, _writing))
        {
            writer.WriteStartObject();
            foreach (var member in document.RootElement.EnumerateObject())
            {
                if (member.Name.Equals("data", StringComparison.OrdinalIgnoreCase))
                {
                    writer.WritePropertyName(member.Name);
                    fields.WriteRedacted(writer, member.Value, owners);
                }
                else
                {
                    member.WriteTo(writer);
                }
            }
            writer.WriteEndObject();
        }
        return buffer.WrittenMemory;
    }

    private static JsonDocument? Parse(ReadOnlyMemory<byte> body)
    {
        try
        {
            var document = JsonDocument.Parse(body);
            if (document.RootElement.ValueKind == JsonValueKind.Object)
                return document;
            document.Dispose();
            return null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string? TypeOf(JsonElement envelope) =>
        Member(envelope, "eventType") is { ValueKind: JsonValueKind.String } type ? type.GetString() : null;

    private static JsonElement? DataOf(JsonElement envelope) => Member(envelope, "data");

    /// <summary>Any case, as the wire is read.</summary>
    private static JsonElement? Member(JsonElement envelope, string name)
    {
        JsonElement? found = null;
        foreach (var member in envelope.EnumerateObject())
        {
            if (member.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
                found = member.Value;
        }
        return found;
    }
}
