using TalentSphere.Notification.Notifications;
using TalentSphere.ServiceDefaults.Data;

namespace TalentSphere.Notification.Preferences;

/// <summary>
/// What a person wants to hear of, and when not. Whoever never chose hears of everything at any time. Only what acts today is kept:
/// the in-app channel and its live push.
/// </summary>
public sealed class NotificationPreferences(Guid userId) : ITimestamped
{
    private List<NotificationKind> _muted = [];

    /// <summary>Whose they are.</summary>
    public Guid UserId { get; private set; } = userId;

    /// <summary>The kinds that are switched off.</summary>
    public IReadOnlyList<NotificationKind> Muted => _muted;

    /// <summary>When nothing is pushed; null: never.</summary>
    public QuietHours? QuietHours =>
        QuietFrom is { } from && QuietTo is { } to && QuietTimeZone is { } zone ? new QuietHours(from, to, zone) : null;

    /// <inheritdoc/>
    public DateTime CreatedAt { get; set; }

    /// <inheritdoc/>
    public DateTime UpdatedAt { get; set; }

    /// <summary>The row's version.</summary>
    public uint Version { get; private set; }

    internal TimeOnly? QuietFrom { get; private set; }

    internal TimeOnly? QuietTo { get; private set; }

    internal string? QuietTimeZone { get; private set; }

    /// <summary>Sets all of it. Kinds that are mandatory stay on whatever is asked.</summary>
    public void Replace(IEnumerable<NotificationKind> muted, QuietHours? quietHours)
    {
        _muted = [.. muted.Where(k => !k.IsMandatory()).Distinct().Order()];
        (QuietFrom, QuietTo, QuietTimeZone) = (quietHours?.From, quietHours?.To, quietHours?.TimeZone);
    }

    /// <summary>True when the kind is to be stored at all.</summary>
    public bool Wants(NotificationKind kind) => kind.IsMandatory() || !_muted.Contains(kind);

    /// <summary>True when the kind is stored at that instant but not pushed. A security notice is pushed at any hour.</summary>
    public bool HoldsPush(NotificationKind kind, DateTimeOffset now) => !kind.IsMandatory() && QuietHours?.Covers(now) == true;
}
