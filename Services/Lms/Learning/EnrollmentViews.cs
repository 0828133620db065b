using TalentSphere.Lms.Data;

namespace TalentSphere.Lms.Learning;

/// <summary>An enrollment of the caller.</summary>
/// <param name="Id">Its id.</param>
/// <param name="CourseId">The course.</param>
/// <param name="CourseTitle">The course's title.</param>
/// <param name="Percent">The share that is complete, 0..100, rounded down; lessons that were added later lower it.</param>
/// <param name="CompletedLessons">How many lessons are complete.</param>
/// <param name="LessonCount">How many lessons the course has now.</param>
/// <param name="EnrolledAt">When the learner enrolled, or came back.</param>
/// <param name="CompletedAt">When the course was completed; stays when lessons are added later.</param>
/// <param name="CertificateId">The certificate, once the course was completed.</param>
public sealed record EnrollmentView(
    Guid Id, Guid CourseId, string CourseTitle, int Percent, int CompletedLessons, int LessonCount, DateTime EnrolledAt, DateTime? CompletedAt,
    Guid? CertificateId);

internal static class EnrollmentViews
{
    public static IQueryable<Enrollment> ActiveOf(this IQueryable<Enrollment> enrollments, Guid userId) =>
        enrollments.Where(e => e.UserId == userId && e.CancelledAt == null);

    public static IQueryable<EnrollmentView> ToViews(this IQueryable<Enrollment> enrollments, LmsDbContext db) => enrollments
        .Select(e => new
        {
            Enrollment = e,
            CourseTitle = db.Courses.Where(c => c.Id == e.CourseId).Select(c => c.Title).First(),
            Completed = e.Completions.Count,
            Lessons = db.Lessons.Count(l => l.CourseId == e.CourseId),
        })
        .Select(x => new EnrollmentView(
            x.Enrollment.Id, x.Enrollment.CourseId, x.CourseTitle, Enrollment.PercentOf(x.Completed, x.Lessons), x.Completed, x.Lessons,
            x.Enrollment.EnrolledAt, x.Enrollment.CompletedAt, x.Enrollment.CertificateId));
}
