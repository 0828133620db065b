using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using TalentSphere.Lms.Courses;
using TalentSphere.Lms.Data;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Lms.Outline;

internal static class EditLesson
{
    public static async Task<Results<ApiOk<LessonView>, ApiProblem>> HandleAsync(
        Guid id, LessonRequest request, HttpRequest http, ClaimsPrincipal user, LmsDbContext db, TimeProvider time, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        if (await db.LockOwnCourseOfLessonAsync(id, user, cancellationToken) is not { } course || course.FindLesson(id) is not var (section, lesson))
            return Api.NotFound();
        if (EntityTag.IfMatchFails(http, lesson.Version) is { } stale)
            return stale;
        await db.Entry(lesson).Reference(l => l.Text).LoadAsync(cancellationToken);
        course.EditLesson(section, lesson, request.ToDetails(), request.Position, time.GetUtcNow().UtcDateTime);
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return Api.Ok(LessonView.Of(lesson)).WithVersion(lesson.Version);
    }
}
