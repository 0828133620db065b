using TalentSphere.Lms.Certificates;
using TalentSphere.ServiceDefaults.Data;

namespace TalentSphere.Lms.Learning;

/// <summary>What an enrollment needs to know of its course to decide.</summary>
/// <param name="Id">The course.</param>
/// <param name="Title">Its title now.</param>
/// <param name="Lessons">How many lessons it has now.</param>
public sealed record CourseFacts(Guid Id, string Title, int Lessons);

/// <summary>What follows from completing a lesson.</summary>
/// <param name="IsNew">False when the lesson had been completed before: nothing follows then.</param>
/// <param name="Percent">The share of the course that is complete now.</param>
/// <param name="PercentGrew">Whether that is more than before.</param>
/// <param name="Certificate">The certificate, when this lesson completed the course for the first time.</param>
public sealed record LessonOutcome(bool IsNew, int Percent, bool PercentGrew, Certificate? Certificate);

/// <summary>What came of cancelling.</summary>
public enum CancelOutcome
{
    Cancelled,
    CourseIsCompleted,
}

/// <summary>
/// A learner's place in a course: one row per learner and course for good. Leaving and coming back keeps the completed lessons, so
/// that nothing is counted, or rewarded, a second time.
/// </summary>
public sealed class Enrollment : ITimestamped
{
    private Enrollment()
    {
    }

    /// <summary>Enrolls a learner.</summary>
    public Enrollment(Guid userId, Guid courseId, DateTime now)
    {
        Id = Guid.CreateVersion7();
        UserId = userId;
        CourseId = courseId;
        EnrolledAt = now;
    }

    public Guid Id { get; private set; }

    public Guid UserId { get; private set; }

    public Guid CourseId { get; private set; }

    /// <summary>When the learner enrolled, or came back.</summary>
    public DateTime EnrolledAt { get; private set; }

    public DateTime? CancelledAt { get; private set; }

    /// <summary>When every lesson that the course had then was complete.</summary>
    public DateTime? CompletedAt { get; private set; }

    public Guid? CertificateId { get; private set; }

    public List<LessonCompletion> Completions { get; private set; } = [];

    public DateTime CreatedAt { get; set; }

    public DateTime UpdatedAt { get; set; }

    /// <summary>The share of a course that is complete, 0..100, rounded down: 100 only when all of it is.</summary>
    public static int PercentOf(int completed, int lessons) => lessons == 0 ? 0 : (int)(100L * Math.Min(completed, lessons) / lessons);

    /// <summary>Enrolls a learner who had left; false when they had not.</summary>
    public bool Resume(DateTime now)
    {
        if (CancelledAt is null)
            return false;
        CancelledAt = null;
        EnrolledAt = now;
        return true;
    }

    /// <summary>Leaves the course.</summary>
    public CancelOutcome Cancel(DateTime now)
    {
        if (CompletedAt is not null)
            return CancelOutcome.CourseIsCompleted;
        CancelledAt = now;
        return CancelOutcome.Cancelled;
    }

    /// <summary>Completes a lesson of the course; the caller holds the enrollment's row lock and has loaded the completions.</summary>
    public LessonOutcome Complete(Guid lessonId, CourseFacts course, DateTime now)
    {
        var before = PercentOf(Completions.Count, course.Lessons);
        if (Completions.Exists(c => c.LessonId == lessonId))
            return new(IsNew: false, before, PercentGrew: false, Certificate: null);
        Completions.Add(new LessonCompletion { EnrollmentId = Id, LessonId = lessonId, CompletedAt = now });
        var after = PercentOf(Completions.Count, course.Lessons);
        if (CompletedAt is not null || Completions.Count < course.Lessons)
            return new(IsNew: true, after, after > before, Certificate: null);
        CompletedAt = now;
        var certificate = new Certificate(UserId, course, now);
        CertificateId = certificate.Id;
        return new(IsNew: true, after, after > before, certificate);
    }
}

/// <summary>A lesson that a learner has completed.</summary>
public sealed class LessonCompletion
{
    public Guid EnrollmentId { get; init; }

    public Guid LessonId { get; init; }

    public DateTime CompletedAt { get; init; }
}
