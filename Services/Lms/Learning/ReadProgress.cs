using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using TalentSphere.Lms.Data;
using TalentSphere.ServiceDefaults.Auth;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Lms.Learning;

/// <summary>How far a learner is.</summary>
/// <param name="CourseId">The course.</param>
/// <param name="EnrollmentId">The caller's enrollment.</param>
/// <param name="Percent">The share that is complete, 0..100, rounded down.</param>
/// <param name="LessonCount">How many lessons the course has now.</param>
/// <param name="CompletedLessonIds">The completed lessons, in the order of the outline.</param>
/// <param name="NextLesson">The first lesson of the outline that is not complete; null when all are.</param>
/// <param name="CompletedAt">When the course was completed; stays when lessons are added later.</param>
/// <param name="CertificateId">The certificate, once the course was completed.</param>
public sealed record ProgressView(
    Guid CourseId, Guid EnrollmentId, int Percent, int LessonCount, IReadOnlyList<Guid> CompletedLessonIds, NextLesson? NextLesson, DateTime? CompletedAt,
    Guid? CertificateId);

/// <summary>The lesson to go on with.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Title">Its title.</param>
public sealed record NextLesson(Guid Id, string Title);

internal static class ReadProgress
{
    public static async Task<Results<ApiOk<ProgressView>, ApiProblem>> HandleAsync(
        Guid courseId, ClaimsPrincipal user, LmsDbContext db, CancellationToken cancellationToken)
    {
        var enrollment = await db.Enrollments.AsNoTracking().ActiveOf(user.UserId()).SingleOrDefaultAsync(e => e.CourseId == courseId, cancellationToken);
        if (enrollment is null)
            return Api.NotFound("LMS_NOT_ENROLLED", "You are not enrolled in such a course.");
        var lessons = await db.Sections.Where(s => s.CourseId == courseId)
            .SelectMany(s => s.Lessons, (section, lesson) => new
            {
                lesson.Id,
                lesson.Title,
                Section = section.Position,
                lesson.Position,
                IsComplete = db.LessonCompletions.Any(c => c.EnrollmentId == enrollment.Id && c.LessonId == lesson.Id),
            })
            .OrderBy(l => l.Section).ThenBy(l => l.Position)
            .ToListAsync(cancellationToken);
        Guid[] completed = [.. lessons.Where(l => l.IsComplete).Select(l => l.Id)];
        var next = lessons.Find(l => !l.IsComplete);
        return Api.Ok(new ProgressView(
            courseId, enrollment.Id, Enrollment.PercentOf(completed.Length, lessons.Count), lessons.Count, completed,
            next is null ? null : new NextLesson(next.Id, next.Title), enrollment.CompletedAt, enrollment.CertificateId));
    }
}
