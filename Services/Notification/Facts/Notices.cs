using TalentSphere.Contracts.Auth;
using TalentSphere.Contracts.Challenges;
using TalentSphere.Contracts.Gamification;
using TalentSphere.Contracts.Jobs;
using TalentSphere.Contracts.Lms;
using TalentSphere.Notification.Notifications;

namespace TalentSphere.Notification.Facts;

/// <summary>Every text that people read, and who reads it: one pure function for each fact. Plain text; clients escape it as such.</summary>
internal static class Notices
{
    /// <summary>A quotation within a title, as a regular expression of PostgreSQL.</summary>
    public const string QuotedPattern = "“.*”";

    private const int _maxName = 120;

    public static Notice Of(UserRegistered e) => new(
        e.UserId, NotificationKind.Welcome, Text(e.UserId),
        "Welcome to TalentSphere",
        $"Hello {Name(e.Name, "there")}, good to have you here. Pick a course or a challenge to begin with.",
        "/courses");

    public static Notice Of(PasswordChanged e, Guid eventId) => new(
        // The event carries nothing but the account: each change is a fact of its own.
        e.UserId, NotificationKind.PasswordChanged, Text(eventId),
        "Your password was changed",
        "If that was not you, reset your password at once and sign out of every other session.",
        "/account/security");

    public static Notice Of(EnrollmentCreated e, Guid eventId) => new(
        // Whoever leaves and enrols again keeps the enrollment's id: each time is a fact of its own.
        e.UserId, NotificationKind.CourseEnrolled, Text(eventId),
        $"You are enrolled in {Quoted(e.CourseTitle, "a course")}",
        "The first lesson is open.",
        $"/courses/{e.CourseId}",
        ("courseId", e.CourseId), ("enrollmentId", e.EnrollmentId));

    public static Notice Of(EnrollmentCancelled e, Guid eventId) => new(
        e.UserId, NotificationKind.CourseLeft, Text(eventId),
        $"You left {Quoted(e.CourseTitle, "a course")}",
        "You can enrol again at any time.",
        $"/courses/{e.CourseId}",
        ("courseId", e.CourseId), ("enrollmentId", e.EnrollmentId));

    public static Notice Of(CourseCompleted e) => new(
        e.UserId, NotificationKind.CourseCompleted, Text(e.EnrollmentId),
        $"You completed {Quoted(e.CourseTitle, "a course")}",
        "Every lesson is done. Well done!",
        $"/courses/{e.CourseId}",
        ("courseId", e.CourseId), ("enrollmentId", e.EnrollmentId));

    public static Notice Of(CertificateIssued e) => new(
        e.UserId, NotificationKind.CertificateIssued, Text(e.CertificateId),
        $"Your certificate for {Quoted(e.CourseTitle, "a course")} is here",
        "Anyone you give its address to can verify it.",
        $"/certificates/{e.CertificateId}",
        ("certificateId", e.CertificateId), ("courseId", e.CourseId), ("enrollmentId", e.EnrollmentId));

    public static Notice Of(PointsAwarded e) => new(
        e.UserId, NotificationKind.PointsAwarded, Text(e.EntryId),
        e.Amount < 0 ? $"Your points were corrected by {e.Amount}" : $"You earned {e.Amount} points",
        $"{Because(e.Reason)}You have {e.Total} points now.",
        "/gamification/ledger",
        ("entryId", e.EntryId), ("amount", e.Amount), ("total", e.Total));

    public static Notice Of(LevelReached e) => new(
        e.UserId, NotificationKind.LevelReached, e.Level.ToString(),
        $"You reached level {e.Level}",
        $"{e.Total} points brought you here.",
        "/gamification/me",
        ("level", e.Level), ("total", e.Total));

    public static Notice Of(BadgeEarned e) => new(
        e.UserId, NotificationKind.BadgeEarned, Notice.Plain(e.Badge, StoredNotification.MaxSource),
        $"You earned the badge {Name(e.Name, e.Badge)}",
        "It stands on your profile from now on.",
        "/gamification/badges",
        ("badge", Notice.Plain(e.Badge, StoredNotification.MaxSource)));

    public static Notice Of(SubmissionApproved e) => new(
        e.UserId, NotificationKind.SubmissionApproved, Judged(e.SubmissionId, e.Attempt),
        $"Your solution to {Quoted(e.ChallengeTitle, "a challenge")} was accepted",
        $"It passed every test; the slowest took {e.TimeMs} ms.",
        $"/submissions/{e.SubmissionId}",
        ("submissionId", e.SubmissionId), ("challengeId", e.ChallengeId));

    public static Notice Of(SubmissionRejected e) => new(
        e.UserId, NotificationKind.SubmissionRejected, Judged(e.SubmissionId, e.Attempt),
        $"Your solution to {Quoted(e.ChallengeTitle, "a challenge")} did not pass",
        $"The verdict is: {Words(e.Verdict)}. You can hand in another one.",
        $"/submissions/{e.SubmissionId}",
        ("submissionId", e.SubmissionId), ("challengeId", e.ChallengeId));

    public static Notice Of(ApplicationSubmitted e) => new(
        e.EmployerId, NotificationKind.ApplicationReceived, Text(e.ApplicationId),
        $"New application for {Quoted(e.JobTitle, "a job")}",
        "A candidate applied and waits for your answer.",
        $"/jobs/{e.JobId}/applications",
        ("applicationId", e.ApplicationId), ("jobId", e.JobId), ("companyId", e.CompanyId));

    public static Notice Of(ApplicationViewed e) => new(
        e.UserId, NotificationKind.ApplicationViewed, Text(e.ApplicationId),
        $"Your application for {Quoted(e.JobTitle, "a job")} was opened",
        "The company is looking at it.",
        $"/applications/{e.ApplicationId}",
        ("applicationId", e.ApplicationId), ("jobId", e.JobId), ("companyId", e.CompanyId))
    { QuotedId = e.EmployerId };

    /// <summary>The side that did not move it hears of it: the employer of a withdrawal, the candidate of anything else.</summary>
    public static Notice Of(ApplicationStatusChanged e) => e.To == "withdrawn"
        ? new(
            e.EmployerId, NotificationKind.ApplicationWithdrawn, Text(e.ApplicationId),
            $"An application for {Quoted(e.JobTitle, "a job")} was withdrawn",
            "The candidate is no longer available for it.",
            $"/jobs/{e.JobId}/applications",
            ("applicationId", e.ApplicationId), ("jobId", e.JobId), ("companyId", e.CompanyId))
        : new(
            e.UserId, NotificationKind.ApplicationMoved, Notice.Plain($"{e.ApplicationId}:{e.To}", StoredNotification.MaxSource),
            e.To switch
            {
                "reviewing" => $"Your application for {Quoted(e.JobTitle, "a job")} is being reviewed",
                "accepted" => $"Your application for {Quoted(e.JobTitle, "a job")} was accepted",
                "rejected" => $"Your application for {Quoted(e.JobTitle, "a job")} was not successful",
                _ => $"Your application for {Quoted(e.JobTitle, "a job")} moved",
            },
            e.To switch
            {
                "reviewing" => "You will hear as soon as there is a decision.",
                "accepted" => "Congratulations! The company will be in touch with you.",
                "rejected" => "Do not lose heart: there are other posts that ask for what you know.",
                _ => $"Its status is now: {Words(e.To)}.",
            },
            $"/applications/{e.ApplicationId}",
            ("applicationId", e.ApplicationId), ("jobId", e.JobId), ("companyId", e.CompanyId), ("status", Notice.Plain(e.To, 40)))
        { QuotedId = e.EmployerId };

    private static string Because(string? reason) => reason switch
    {
        "registration" => "For joining. ",
        "lesson" => "For a lesson. ",
        "course" => "For a whole course. ",
        "challenge" => "For a challenge. ",
        "correction" => "A correction. ",
        _ => "",
    };

    private static string Quoted(string? name, string otherwise) => string.IsNullOrWhiteSpace(name) ? otherwise : $"“{Notice.Plain(name, _maxName)}”";

    private static string Name(string? name, string? otherwise) => Notice.Plain(string.IsNullOrWhiteSpace(name) ? otherwise : name, _maxName);

    private static string Words(string? code) => Notice.Plain(code, 40).Replace('-', ' ');

    // A verdict that changes and changes back is news each time.
    private static string Judged(Guid submissionId, int? attempt) => attempt is { } n ? $"{submissionId}:{n}" : Text(submissionId);

    private static string Text(Guid id) => id.ToString();
}
