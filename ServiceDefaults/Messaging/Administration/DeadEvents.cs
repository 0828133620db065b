using System.Text.Json;
using System.Text.Json.Serialization;

namespace TalentSphere.ServiceDefaults.Messaging;

/// <summary>On which side an event stopped.</summary>
public enum DeadEventKind
{
    /// <summary>A subscriber gave up on it: it lies in that service's dead-letter queue.</summary>
    Dead,

    /// <summary>Its publisher gave up on it: it lies in the outbox, and later events of its subject wait behind it.</summary>
    SetAside,
}

/// <summary>An event that went no further.</summary>
/// <param name="Id">
/// The event's id; where the message has none that can be read, the message id, and where that is none either, a UUIDv8 of the body's bytes (RFC 9562, 5.8).
/// </param>
/// <param name="Kind">On which side it stopped.</param>
/// <param name="EventType">The routing key that it names; null when it names none.</param>
/// <param name="Subject">The aggregate.</param>
/// <param name="CorrelationId">The request that it follows from.</param>
/// <param name="Reason">Why it stopped, in one sentence.</param>
/// <param name="Attempts">How often it was tried.</param>
/// <param name="At">When it stopped, UTC.</param>
/// <param name="Size">The body's bytes.</param>
public sealed record DeadEvent(
    Guid Id, DeadEventKind Kind, string? EventType, string? Subject, string? CorrelationId, string Reason, int Attempts, DateTime? At, int Size);

/// <summary>The same with all there is to know of it.</summary>
/// <param name="Event">What the list tells.</param>
/// <param name="Copies">How many messages lie there under this id; what is done is done to all of them.</param>
/// <param name="Stack">The exception with its stack, where there was one.</param>
/// <param name="MessageId">The message id as it came.</param>
/// <param name="ContentType">The content type as it came.</param>
/// <param name="Headers">Every header of the message.</param>
/// <param name="Body">What it says.</param>
public sealed record DeadEventDetail(
    DeadEvent Event, int Copies, string? Stack, string? MessageId, string? ContentType, IReadOnlyList<DeadEventHeader> Headers, DeadEventBody Body);

/// <summary>A header as text.</summary>
public sealed record DeadEventHeader(string Name, string Value);

/// <summary>A body in the first of three forms that fits.</summary>
public sealed record DeadEventBody
{
    /// <summary>How much of a body is shown, in bytes.</summary>
    public const int MaxShown = 64 * 1024;

    private const int _deepest = 16;

    /// <summary>The body, when it is JSON of at most <see cref="MaxShown"/> bytes.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public JsonElement? Json { get; init; }

    /// <summary>Else its text, when it is UTF-8.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Text { get; init; }

    /// <summary>Else its bytes.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Base64 { get; init; }

    /// <summary>Whether there is more than is shown.</summary>
    public bool Cut { get; init; }

    internal static DeadEventBody Of(ReadOnlyMemory<byte> body)
    {
        if (body.Length <= MaxShown)
        {
            try
            {
                using var document = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = _deepest });
                return new() { Json = document.RootElement.Clone() };
            }
            catch (JsonException)
            {
                return OfBytes(body.Span, cut: false);
            }
        }
        return OfBytes(body.Span[..MaxShown], cut: true);
    }

    private static DeadEventBody OfBytes(ReadOnlySpan<byte> bytes, bool cut)
    {
        // The cut may go through a character.
        for (var spare = 0; spare <= (cut ? 3 : 0) && spare <= bytes.Length; spare++)
        {
            if (System.Text.Unicode.Utf8.IsValid(bytes[..^spare]))
                return new() { Text = System.Text.Encoding.UTF8.GetString(bytes[..^spare]), Cut = cut };
        }
        return new() { Base64 = Convert.ToBase64String(bytes), Cut = cut };
    }
}

/// <summary>What a replay did.</summary>
/// <param name="Replayed">Dead letters that are back in the service's queue.</param>
/// <param name="Released">Set-aside events that the relay takes up again.</param>
/// <param name="Remaining">Dead letters that still lie there and died before <paramref name="Before"/>: call again with the same moment.</param>
/// <param name="Before">Only what stopped before this moment was touched, UTC.</param>
public sealed record ReplayOutcome(int Replayed, int Released, long Remaining, DateTime Before);
