using System.Text.Json;

namespace TalentSphere.Notification.Notifications;

/// <summary>What a notification is about; kebab-case outside (<c>level-reached</c>). A person switches kinds on and off.</summary>
public enum NotificationKind
{
    /// <summary>The account was opened.</summary>
    Welcome,

    /// <summary>The password was changed or reset.</summary>
    PasswordChanged,

    /// <summary>Enrolled in a course.</summary>
    CourseEnrolled,

    /// <summary>Left a course.</summary>
    CourseLeft,

    /// <summary>Every lesson of a course is done.</summary>
    CourseCompleted,

    /// <summary>A certificate is there.</summary>
    CertificateIssued,

    /// <summary>Points were added or corrected.</summary>
    PointsAwarded,

    /// <summary>A level was reached.</summary>
    LevelReached,

    /// <summary>A badge was earned.</summary>
    BadgeEarned,

    /// <summary>A submission passed every test.</summary>
    SubmissionApproved,

    /// <summary>A submission failed a test.</summary>
    SubmissionRejected,

    /// <summary>To the employer: somebody applied.</summary>
    ApplicationReceived,

    /// <summary>To the candidate: the company opened the application.</summary>
    ApplicationViewed,

    /// <summary>To the candidate: the application moved.</summary>
    ApplicationMoved,

    /// <summary>To the employer: the candidate withdrew.</summary>
    ApplicationWithdrawn,
}

/// <summary>What the kinds have in common and what sets them apart.</summary>
public static class NotificationKinds
{
    private static readonly NotificationKind[] _all = Enum.GetValues<NotificationKind>();

    private static readonly Dictionary<NotificationKind, string> _names = _all.ToDictionary(k => k, k => JsonNamingPolicy.KebabCaseLower.ConvertName(k.ToString()));

    private static readonly Dictionary<string, NotificationKind> _byName = _names.ToDictionary(n => n.Value, n => n.Key);

    /// <summary>Every kind.</summary>
    public static IReadOnlyList<NotificationKind> All => _all;

    /// <summary>The kind's name outside: kebab-case.</summary>
    public static string Name(this NotificationKind kind) => _names[kind];

    /// <summary>Finds a kind by its name outside.</summary>
    public static bool TryParse(string? name, out NotificationKind kind)
    {
        kind = default;
        return name is not null && _byName.TryGetValue(name, out kind);
    }

    /// <summary>True for security notices: a thief who took the account over must not be able to silence them.</summary>
    public static bool IsMandatory(this NotificationKind kind) => kind is NotificationKind.PasswordChanged;
}
