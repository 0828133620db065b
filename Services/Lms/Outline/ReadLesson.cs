using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using TalentSphere.Lms.Courses;
using TalentSphere.Lms.Data;
using TalentSphere.ServiceDefaults.Auth;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Lms.Outline;

internal static class ReadLesson
{
    public static async Task<Results<ApiOk<LessonView>, ApiProblem>> HandleAsync(
        Guid id, ClaimsPrincipal user, LmsDbContext db, CancellationToken cancellationToken)
    {
        var caller = user.UserId();
        var seesAll = user.IsAdmin();
        var found = await db.Lessons.AsNoTracking().Where(l => l.Id == id)
            .Join(db.Courses, l => l.CourseId, c => c.Id, (lesson, course) => new
            {
                Lesson = lesson,
                lesson.Text,
                IsPublished = course.PublishedAt != null,
                MayRead = course.OwnerId == caller || seesAll
                    || db.Enrollments.Any(e => e.CourseId == course.Id && e.UserId == caller && e.CancelledAt == null),
            })
            .SingleOrDefaultAsync(cancellationToken);
        if (found is null || (!found.MayRead && !found.IsPublished))
            return Api.NotFound();
        // The public outline names the lesson, so there is nothing to hide but its text.
        return found.MayRead ? Api.Ok(LessonView.Of(found.Lesson, found.Text!)).WithVersion(found.Lesson.Version) : Learning.LearningProblems.NotEnrolled;
    }
}
