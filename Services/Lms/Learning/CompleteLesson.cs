using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using TalentSphere.Contracts.Lms;
using TalentSphere.Lms.Data;
using TalentSphere.ServiceDefaults.Auth;
using TalentSphere.ServiceDefaults.Http;
using TalentSphere.ServiceDefaults.Messaging;

namespace TalentSphere.Lms.Learning;

/// <summary>Where a learner stands after completing a lesson.</summary>
/// <param name="LessonId">The lesson.</param>
/// <param name="CourseId">Its course.</param>
/// <param name="Completed">Always true.</param>
/// <param name="Percent">The share of the course that is complete, 0..100, rounded down.</param>
/// <param name="CourseCompleted">Whether the course was completed, now or before.</param>
/// <param name="CertificateId">The certificate, once the course was completed.</param>
public sealed record LessonCompleteView(Guid LessonId, Guid CourseId, bool Completed, int Percent, bool CourseCompleted, Guid? CertificateId);

internal static class CompleteLesson
{
    public static async Task<Results<ApiOk<LessonCompleteView>, ApiProblem>> HandleAsync(
        Guid id, ClaimsPrincipal user, LmsDbContext db, TimeProvider time, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        if (await LockEnrollmentAsync(db, id, user.UserId(), cancellationToken) is not { } enrollment)
            return await RefuseAsync(db, id, user, cancellationToken);
        await db.Entry(enrollment).Collection(e => e.Completions).LoadAsync(cancellationToken);
        var lesson = await db.Lessons.Where(l => l.Id == id)
            .Select(l => new
            {
                l.Title,
                CourseTitle = db.Courses.Where(c => c.Id == l.CourseId).Select(c => c.Title).First(),
                Lessons = db.Lessons.Count(other => other.CourseId == l.CourseId),
            })
            .SingleAsync(cancellationToken);
        var course = new CourseFacts(enrollment.CourseId, lesson.CourseTitle, lesson.Lessons);
        var now = time.GetUtcNow().UtcDateTime;
        var outcome = enrollment.Complete(id, course, now);
        Record(db, enrollment, id, lesson.Title, course, outcome, now);
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return Api.Ok(new LessonCompleteView(
            id, enrollment.CourseId, Completed: true, outcome.Percent, enrollment.CompletedAt is not null, enrollment.CertificateId));
    }

    private static void Record(
        LmsDbContext db, Enrollment enrollment, Guid lessonId, string lessonTitle, CourseFacts course, LessonOutcome outcome, DateTime now)
    {
        if (!outcome.IsNew)
            return;
        var (id, learner) = (enrollment.Id, enrollment.UserId);
        db.Publish(new LessonCompleted(id, learner, course.Id, lessonId, lessonTitle, now));
        if (outcome.PercentGrew)
            db.Publish(new ProgressUpdated(id, learner, course.Id, outcome.Percent));
        if (outcome.Certificate is not { } certificate)
            return;
        db.Add(certificate);
        db.Publish(new CourseCompleted(id, learner, course.Id, course.Title, now));
        db.Publish(new CertificateIssued(id, certificate.Id, learner, course.Id, certificate.CourseTitle));
    }

    // The last two lessons of a course may be completed at the same moment: one waits here until it sees the other.
    private static async Task<Enrollment?> LockEnrollmentAsync(LmsDbContext db, Guid lessonId, Guid learner, CancellationToken cancellationToken)
    {
        var found = await db.Enrollments
            .FromSql($"""
                SELECT e.* FROM enrollments e JOIN lessons l ON l.course_id = e.course_id
                WHERE l.id = {lessonId} AND e.user_id = {learner} AND e.cancelled_at IS NULL FOR UPDATE OF e
                """)
            .ToListAsync(cancellationToken);
        return found is [var enrollment] ? enrollment : null;
    }

    private static async Task<ApiProblem> RefuseAsync(LmsDbContext db, Guid lessonId, ClaimsPrincipal user, CancellationToken cancellationToken)
    {
        var learner = user.UserId();
        var isKnown = await db.Lessons.AnyAsync(
            l => l.Id == lessonId && db.Courses.Any(c => c.Id == l.CourseId && (c.PublishedAt != null || c.OwnerId == learner)), cancellationToken);
        return isKnown ? LearningProblems.NotEnrolled : Api.NotFound();
    }
}
