using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using TalentSphere.Lms.Courses;
using TalentSphere.Lms.Data;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Lms.Outline;

internal static class AddLesson
{
    public static async Task<Results<ApiCreated<LessonView>, ApiProblem>> HandleAsync(
        Guid id, LessonRequest request, ClaimsPrincipal user, LmsDbContext db, TimeProvider time, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        if (await db.LockOwnCourseOfSectionAsync(id, user, cancellationToken) is not { } course || course.FindSection(id) is not { } section)
            return Api.NotFound();
        if (course.AddLesson(section, request.ToDetails(), request.Position, time.GetUtcNow().UtcDateTime) is not { } lesson)
            return OutlineProblems.Full;
        db.Add(lesson);
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return Api.Created($"/api/v1/lessons/{lesson.Id}", LessonView.Of(lesson)).WithVersion(lesson.Version);
    }
}
