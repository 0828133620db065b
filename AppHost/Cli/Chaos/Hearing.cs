namespace TalentSphere.Cli.Chaos;

/// <summary>
/// Who hears which event, and what is to come of it: stated here once more, on its own, so that a service which forgets to listen is found out. A test
/// compares the keys with the consumers in the code.
/// </summary>
internal static class Hearing
{
    private static readonly Dictionary<string, string[]> _services = new(StringComparer.Ordinal)
    {
        ["auth.user.registered"] = ["gamification", "notification"],
        ["auth.user.deleted"] = ["lms", "challenges", "jobs", "gamification", "notification"],
        ["auth.password.changed"] = ["notification"],
        ["lms.enrollment.created"] = ["notification"],
        ["lms.enrollment.cancelled"] = ["notification"],
        ["lms.lesson.completed"] = ["gamification"],
        ["lms.course.completed"] = ["gamification", "notification"],
        ["lms.certificate.issued"] = ["notification"],
        ["challenges.submission.approved"] = ["gamification", "notification"],
        ["challenges.submission.rejected"] = ["gamification", "notification"],
        ["jobs.application.submitted"] = ["notification"],
        ["jobs.application.viewed"] = ["notification"],
        ["jobs.application.statuschanged"] = ["notification"],
        ["gamification.points.awarded"] = ["notification"],
        ["gamification.badge.earned"] = ["notification"],
        ["gamification.level.reached"] = ["notification"],
    };

    /// <summary>Every key that is heard, and by whom.</summary>
    public static IReadOnlyDictionary<string, string[]> All => _services;

    /// <summary>The services that hear it.</summary>
    public static IReadOnlyList<string> Of(string eventType) => _services.GetValueOrDefault(eventType) ?? [];

    /// <summary>The services that have a queue.</summary>
    public static IReadOnlyList<string> Subscribers { get; } = [.. _services.Values.SelectMany(s => s).Distinct().Order(StringComparer.Ordinal)];

    /// <summary>The ledger entry that an event must have led to: once per reason and source, however many events tell of it.</summary>
    public static Reward? RewardOf(OutboxRow e) => e.Type switch
    {
        "auth.user.registered" => new(e.Guid("userId"), "Registration", e.Text("userId"), 10),
        "lms.lesson.completed" => new(e.Guid("userId"), "Lesson", e.Text("lessonId"), 20),
        "lms.course.completed" => new(e.Guid("userId"), "Course", e.Text("courseId"), 200),
        _ => null,
    };

    /// <summary>The notification that an event must have led to: once per person, kind and source.</summary>
    public static Notice? NoticeOf(OutboxRow e) => e.Type switch
    {
        "auth.user.registered" => new(e.Guid("userId"), "Welcome", e.Text("userId")),
        "lms.enrollment.created" => new(e.Guid("userId"), "CourseEnrolled", e.Id.ToString()),
        "lms.enrollment.cancelled" => new(e.Guid("userId"), "CourseLeft", e.Id.ToString()),
        "lms.course.completed" => new(e.Guid("userId"), "CourseCompleted", e.Text("enrollmentId")),
        "lms.certificate.issued" => new(e.Guid("userId"), "CertificateIssued", e.Text("certificateId")),
        "challenges.submission.approved" => new(e.Guid("userId"), "SubmissionApproved", $"{e.Text("submissionId")}:{e.Data.GetProperty("attempt").GetInt32()}"),
        "challenges.submission.rejected" => new(e.Guid("userId"), "SubmissionRejected", $"{e.Text("submissionId")}:{e.Data.GetProperty("attempt").GetInt32()}"),
        "jobs.application.submitted" => new(e.Guid("employerId"), "ApplicationReceived", e.Text("applicationId")),
        "jobs.application.viewed" => new(e.Guid("userId"), "ApplicationViewed", e.Text("applicationId")),
        "jobs.application.statuschanged" when e.Text("to") == "withdrawn" => new(e.Guid("employerId"), "ApplicationWithdrawn", e.Text("applicationId")),
        "jobs.application.statuschanged" => new(e.Guid("userId"), "ApplicationMoved", $"{e.Text("applicationId")}:{e.Text("to")}"),
        "gamification.points.awarded" => new(e.Guid("userId"), "PointsAwarded", e.Text("entryId")),
        "gamification.badge.earned" => new(e.Guid("userId"), "BadgeEarned", e.Text("badge")),
        "gamification.level.reached" => new(e.Guid("userId"), "LevelReached", e.Data.GetProperty("level").ToString()),
        _ => null,
    };
}

/// <summary>A ledger entry as it has to be.</summary>
internal sealed record Reward(Guid UserId, string Reason, string Source, int Amount);

/// <summary>A notification as it has to be.</summary>
internal sealed record Notice(Guid UserId, string Kind, string Source);
