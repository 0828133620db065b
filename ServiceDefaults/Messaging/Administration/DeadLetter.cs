using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using RabbitMQ.Client;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.ServiceDefaults.Messaging;

/// <summary>One message of a dead-letter queue, read as far as it can be: nothing in it is certain, not even that it is ours.</summary>
internal sealed class DeadLetter
{
    private const int _longestText = 300;
    private const int _mostPeeked = 2 * Wire.MaxBytes;

    /// <summary>What the broker, the client library and <see cref="DeadLetters"/> added to the message on its way here.</summary>
    private static readonly HashSet<string> _added = new(StringComparer.Ordinal)
    {
        DeadLetterHeaders.Reason, DeadLetterHeaders.Stack, DeadLetterHeaders.Attempts, DeadLetterHeaders.Key, DeadLetterHeaders.At,
        "x-death", "x-first-death-reason", "x-first-death-queue", "x-first-death-exchange", "x-last-death-reason", "x-last-death-queue", "x-last-death-exchange",
        "x-delivery-count", "x-acquired-count", "x-dotnet-pub-seq-no",
    };

    private readonly IReadOnlyBasicProperties _properties;

    public DeadLetter(ulong tag, IReadOnlyBasicProperties properties, ReadOnlyMemory<byte> body)
    {
        Tag = tag;
        Body = body;
        _properties = properties;
        var envelope = Peek(Body.Span);
        var eventId = Guid.TryParse(envelope.GetValueOrDefault("eventId"), out var id) || Guid.TryParse(_properties.MessageId, out id) ? id : Guid.Empty;
        Event = new(
            eventId != Guid.Empty ? eventId : NameOf(Body.Span),
            DeadEventKind.Dead,
            Short(envelope.GetValueOrDefault("eventType") ?? _properties.Type ?? Header(DeadLetterHeaders.Key)),
            Short(envelope.GetValueOrDefault("subject")),
            Short(envelope.GetValueOrDefault("correlationId") ?? Header(Correlation.HeaderName)),
            Header(DeadLetterHeaders.Reason) ?? (Header("x-first-death-reason") is { } given ? $"The broker gave up on it: {given}." : "Not told."),
            int.TryParse(Header(DeadLetterHeaders.Attempts), NumberStyles.None, CultureInfo.InvariantCulture, out var attempts) ? attempts : 0,
            DiedAt(),
            Body.Length);
    }

    /// <summary>The delivery on the channel that read it.</summary>
    public ulong Tag { get; }

    public DeadEvent Event { get; }

    public ReadOnlyMemory<byte> Body { get; }

    /// <summary>Everything, for a person to read.</summary>
    public DeadEventDetail Describe(int copies) => new(
        Event, copies, Header(DeadLetterHeaders.Stack), _properties.MessageId, _properties.ContentType,
        [.. (_properties.Headers ?? new Dictionary<string, object?>()).Where(h => h.Key != DeadLetterHeaders.Stack).OrderBy(h => h.Key, StringComparer.Ordinal)
            .Select(h => new DeadEventHeader(h.Key, Text(h.Value)))],
        DeadEventBody.Of(Body));

    /// <summary>The properties it came to the service with.</summary>
    public BasicProperties Original() => new(_properties)
    {
        Persistent = true,
        Headers = _properties.Headers?.Where(h => !_added.Contains(h.Key)).ToDictionary(h => h.Key, h => h.Value, StringComparer.Ordinal),
    };

    private static string? Short(string? text) => text is { Length: > _longestText } ? text[.._longestText] : text;

    private static string Text(object? value) => value switch
    {
        byte[] bytes => Encoding.UTF8.GetString(bytes),
        AmqpTimestamp time => DateTimeOffset.FromUnixTimeSeconds(time.UnixTime).UtcDateTime.ToString("O", CultureInfo.InvariantCulture),
        IDictionary<string, object?> table => "{" + string.Join(", ", table.Select(entry => $"{entry.Key}: {Text(entry.Value)}")) + "}",
        System.Collections.IEnumerable items and not string => "[" + string.Join(", ", items.Cast<object?>().Select(Text)) + "]",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
    };

    /// <summary>The texts at the top of a JSON object, as far as it can be read.</summary>
    private static Dictionary<string, string> Peek(ReadOnlySpan<byte> body)
    {
        var found = new Dictionary<string, string>(StringComparer.Ordinal);
        if (body.Length > _mostPeeked)
            return found;
        var reader = new Utf8JsonReader(body);
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                return found;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var name = reader.GetString()!;
                reader.Read();
                if (reader.TokenType == JsonTokenType.String)
                    found[name] = reader.GetString()!;
                else
                    reader.Skip();
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Half a message, or no JSON at all: what came before the fault is as good as it gets.
            return found;
        }
        return found;
    }

    /// <summary>The same bytes have the same name: SHA-256 in the form of a UUIDv8.</summary>
    private static Guid NameOf(ReadOnlySpan<byte> body)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(body, hash);
        hash[6] = (byte)(0x80 | (hash[6] & 0x0F));
        hash[8] = (byte)(0x80 | (hash[8] & 0x3F));
        return new Guid(hash[..16], bigEndian: true);
    }

    private string? Header(string name) => _properties.Headers is { } headers && headers.TryGetValue(name, out var value) && value is not null ? Text(value) : null;

    private DateTime? DiedAt()
    {
        if (DateTimeOffset.TryParse(Header(DeadLetterHeaders.At), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at))
            return at.UtcDateTime;
        // The broker's own note of a message that it gave up on itself, newest first.
        return _properties.Headers?.TryGetValue("x-death", out var deaths) == true && deaths is IList<object?> and [IDictionary<string, object?> last, ..]
            && last.TryGetValue("time", out var time) && time is AmqpTimestamp stamp
            ? DateTimeOffset.FromUnixTimeSeconds(stamp.UnixTime).UtcDateTime
            : null;
    }
}
