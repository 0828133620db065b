using TalentSphere.Contracts;
using TalentSphere.Contracts.Auth;
using TalentSphere.Contracts.Challenges;
using TalentSphere.Contracts.Lms;
using TalentSphere.ServiceDefaults.Messaging;

namespace TalentSphere.Gamification.Points;

/// <summary>A fact that is worth points, once.</summary>
/// <param name="UserId">Whose points.</param>
/// <param name="Reason">Why.</param>
/// <param name="Source">The business key: with user and reason it makes the fact unique, whatever event brings it.</param>
/// <param name="Amount">Points; negative only in a correction.</param>
/// <param name="OccurredAt">When it happened, UTC.</param>
/// <param name="EventId">The event that brought the fact.</param>
public sealed record Reward(Guid UserId, LedgerReason Reason, string Source, int Amount, DateTime OccurredAt, Guid EventId)
{
    /// <summary>The longest business key.</summary>
    public const int MaxSource = 64;

    /// <summary>The course that the points count for, where there is one.</summary>
    public Guid? CourseId { get; init; }

    /// <summary>In a correction: by how many the learner's solved challenges change.</summary>
    public int SolvedChallenges { get; init; }

    /// <summary>10 points, once per account.</summary>
    public static Reward For(UserRegistered fact, EventEnvelope envelope) =>
        Create(fact.UserId, LedgerReason.Registration, fact.UserId, 10, envelope.Timestamp, envelope);

    /// <summary>20 points, once per learner and lesson.</summary>
    public static Reward For(LessonCompleted fact, EventEnvelope envelope) =>
        Create(fact.UserId, LedgerReason.Lesson, fact.LessonId, 20, fact.CompletionDate, envelope) with { CourseId = Known(fact.CourseId) };

    /// <summary>200 points, once per learner and course.</summary>
    public static Reward For(CourseCompleted fact, EventEnvelope envelope) =>
        Create(fact.UserId, LedgerReason.Course, fact.CourseId, 200, fact.CompletionDate, envelope) with { CourseId = fact.CourseId };

    /// <summary>50, 100 or 200 points by difficulty, once per learner and challenge.</summary>
    /// <exception cref="MalformedEventException">No difficulty is worth that.</exception>
    public static Reward For(SubmissionApproved fact, EventEnvelope envelope) => fact.Points is 50 or 100 or 200
        ? Create(fact.UserId, LedgerReason.Challenge, fact.ChallengeId, fact.Points, envelope.Timestamp, envelope)
        : throw new MalformedEventException($"A challenge is worth 50, 100 or 200 points, not {fact.Points}.");

    /// <summary>What a solution that is not accepted any more was given for; see <see cref="Compensated"/> for how much.</summary>
    public static Reward Taken(SubmissionRejected fact, EventEnvelope envelope) =>
        Create(fact.UserId, LedgerReason.Correction, fact.ChallengeId, 0, envelope.Timestamp, envelope);

    /// <summary>The entry that compensates earlier ones of the same source.</summary>
    /// <param name="amount">Points; negative when they are taken back.</param>
    /// <param name="entries">How many entries of that source there are.</param>
    public Reward Compensated(int amount, int entries) =>
        this with { Reason = LedgerReason.Correction, Source = $"{Source}:{entries}", Amount = amount, SolvedChallenges = Math.Sign(amount) };

    private static Reward Create(Guid userId, LedgerReason reason, Guid source, int amount, DateTime occurredAt, EventEnvelope envelope) =>
        new(Known(userId), reason, Known(source).ToString(), amount, Happened(occurredAt), envelope.EventId);

    // Any client may publish: a fact about nobody must end in the dead letters, not as points for nobody.
    private static Guid Known(Guid id) => id != Guid.Empty ? id : throw new MalformedEventException("An id of the event is all zeros.");

    private static DateTime Happened(DateTime at) => at.Kind == DateTimeKind.Local ? at.ToUniversalTime() : DateTime.SpecifyKind(at, DateTimeKind.Utc);
}
