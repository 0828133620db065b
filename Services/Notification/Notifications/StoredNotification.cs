using System.Text.Json;

namespace TalentSphere.Notification.Notifications;

/// <summary>
/// One notification of one person. It is written once by the consumer of a fact; reading is the only thing that ever happens to it.
/// </summary>
public sealed class StoredNotification
{
    /// <summary>The longest <see cref="Title"/>, in UTF-16 units.</summary>
    public const int MaxTitle = 200;

    /// <summary>The longest <see cref="Body"/>, in UTF-16 units.</summary>
    public const int MaxBody = 1000;

    /// <summary>The longest <see cref="Source"/>, in UTF-16 units.</summary>
    public const int MaxSource = 120;

    /// <summary>Whose it is; first half of the key, so that a person's rows lie together.</summary>
    public Guid UserId { get; private set; }

    /// <summary>UUIDv7: its order is the order of time.</summary>
    public Guid Id { get; private set; }

    /// <summary>What it is about.</summary>
    public NotificationKind Kind { get; private set; }

    /// <summary>The fact's own id. One person hears once of one kind and source, whatever event brings it.</summary>
    public string Source { get; private set; } = "";

    /// <summary>Plain text.</summary>
    public string Title { get; private set; } = "";

    /// <summary>Plain text.</summary>
    public string Body { get; private set; } = "";

    /// <summary>Somebody else whose words the title quotes; null when it quotes nobody, or nobody any more.</summary>
    public Guid? QuotedId { get; private set; }

    /// <summary>The ids the text speaks of, and <c>link</c>: a path within the platform.</summary>
    public JsonElement Data { get; private set; }

    /// <summary>The event it came with.</summary>
    public Guid EventId { get; private set; }

    /// <summary>The request it follows from.</summary>
    public string CorrelationId { get; private set; } = "";

    /// <summary>When it was stored, UTC.</summary>
    public DateTime CreatedAt { get; private set; }

    /// <summary>When it was first read, UTC.</summary>
    public DateTime? ReadAt { get; private set; }
}
