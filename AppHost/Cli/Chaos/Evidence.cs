using System.Text.Json;

namespace TalentSphere.Cli.Chaos;

/// <summary>What the databases and the broker hold of one run.</summary>
internal sealed record Evidence
{
    /// <summary>The run's events, of every service.</summary>
    public required IReadOnlyList<OutboxRow> Events { get; init; }

    /// <summary>The ids of events from before the run; whatever was done about them is none of its business.</summary>
    public required IReadOnlySet<Guid> Earlier { get; init; }

    public required IReadOnlyList<InboxRow> Inboxes { get; init; }

    /// <summary>What the tables say must have been told, exactly once each.</summary>
    public required IReadOnlyList<Claim> Facts { get; init; }

    public required IReadOnlyList<EnrollmentRow> Enrollments { get; init; }

    public required IReadOnlyList<ApplicationRow> Applications { get; init; }

    public required IReadOnlyList<LedgerRow> Ledger { get; init; }

    public required IReadOnlyList<LearnerRow> Learners { get; init; }

    public required IReadOnlyList<NoticeRow> Notices { get; init; }

    public required IReadOnlyList<QueueState> Queues { get; init; }

    public required IReadOnlyList<DeadLetter> DeadLetters { get; init; }
}

/// <summary>An event in its publisher's outbox.</summary>
internal sealed record OutboxRow(string Service, long Sequence, Guid Id, string Type, string Subject, JsonElement Data, bool IsPublished, string? SetAside)
{
    /// <summary>Which fact it tells of.</summary>
    public string Key { get; } = EventKeys.Of(Type, Data);

    public Guid Guid(string name) => Data.GetProperty(name).GetGuid();

    public string Text(string name) => Data.GetProperty(name).GetString()!;

    public override string ToString() => $"{Type} {Id} ({Service} #{Sequence}, subject {Subject})";
}

/// <summary>An event in a subscriber's inbox.</summary>
/// <param name="Service">Whose inbox.</param>
/// <param name="MessageId">The event.</param>
/// <param name="Type">Its routing key.</param>
/// <param name="Position">
/// The database's own numbering of what it let in. One event is let in at a time, so this is the order of the effects, and no clock is trusted for it.
/// </param>
internal sealed record InboxRow(string Service, Guid MessageId, string Type, long Position);

/// <summary>A learner's place in a course.</summary>
internal sealed record EnrollmentRow(Guid Id, Guid UserId, Guid CourseId, bool IsCancelled);

/// <summary>An application and where it stands, in the words of the events.</summary>
internal sealed record ApplicationRow(Guid Id, string Status);

/// <summary>An entry in the points ledger.</summary>
internal sealed record LedgerRow(Guid Id, Guid UserId, int Ordinal, int Amount, string Reason, string Source, Guid EventId)
{
    public override string ToString() => $"ledger entry {Id} ({Reason} {Source}, {Amount} points, event {EventId})";
}

/// <summary>The sum that is kept beside the ledger.</summary>
internal sealed record LearnerRow(Guid UserId, int Total);

/// <summary>A stored notification.</summary>
internal sealed record NoticeRow(Guid Id, Guid UserId, string Kind, string Source, Guid EventId)
{
    public override string ToString() => $"notification {Id} ({Kind} {Source}, event {EventId})";
}

/// <summary>A queue as the broker tells of it.</summary>
internal sealed record QueueState(string Name, uint Messages, uint Consumers);

/// <summary>A message that a subscriber gave up on.</summary>
internal sealed record DeadLetter(string Queue, string? MessageId, string? Type, string? Reason);

/// <summary>Names the fact that an event tells of, in the same words as <see cref="Claim.Key"/>.</summary>
internal static class EventKeys
{
    private static readonly Dictionary<string, string[]> _fields = new(StringComparer.Ordinal)
    {
        ["auth.user.registered"] = ["userId"],
        ["auth.user.login"] = ["userId"],
        ["auth.user.logout"] = ["userId"],
        ["lms.course.published"] = ["courseId"],
        ["lms.enrollment.created"] = ["userId", "courseId"],
        ["lms.enrollment.cancelled"] = ["userId", "courseId"],
        ["lms.lesson.completed"] = ["userId", "lessonId"],
        ["lms.progress.updated"] = ["userId", "courseId"],
        ["lms.course.completed"] = ["userId", "courseId"],
        ["lms.certificate.issued"] = ["certificateId"],
        ["challenges.submission.submitted"] = ["submissionId"],
        ["jobs.post.created"] = ["jobId"],
        ["jobs.post.updated"] = ["jobId"],
        ["jobs.post.closed"] = ["jobId"],
        ["jobs.application.submitted"] = ["userId", "jobId"],
        ["jobs.application.viewed"] = ["applicationId"],
        ["jobs.application.statuschanged"] = ["applicationId", "to"],
        ["gamification.points.awarded"] = ["entryId"],
        ["gamification.badge.earned"] = ["userId", "badge"],
        ["gamification.level.reached"] = ["userId", "level"],
        ["notification.message.sent"] = ["notificationId"],
        ["notification.message.read"] = ["notificationId"],
    };

    /// <summary>The values of the fields that make the fact what it is; empty for a kind that no client of this test brings about.</summary>
    public static string Of(string eventType, JsonElement data) =>
        _fields.TryGetValue(eventType, out var fields) ? string.Join('/', fields.Select(f => data.GetProperty(f).ToString())) : "";
}
