using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using TalentSphere.Lms.Courses;
using TalentSphere.Lms.Data;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Lms.Outline;

internal static class RemoveLesson
{
    public static async Task<Results<NoContent, ApiProblem>> HandleAsync(
        Guid id, HttpRequest http, ClaimsPrincipal user, LmsDbContext db, TimeProvider time, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        if (await db.LockOwnCourseOfLessonAsync(id, user, cancellationToken) is not { } course || course.FindLesson(id) is not var (section, lesson))
            return Api.NotFound();
        if (EntityTag.IfMatchFails(http, lesson.Version) is { } stale)
            return stale;
        var hasLearners = await db.HasLearnersAsync(course.Id, cancellationToken);
        if (OutlineProblems.Of(course.RemoveLesson(section, lesson, hasLearners, time.GetUtcNow().UtcDateTime)) is { } refusal)
            return refusal;
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return TypedResults.NoContent();
    }
}
