using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using TalentSphere.Lms.Data;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Lms.Courses;

internal static class EditCourse
{
    public static async Task<Results<ApiOk<CourseView>, ApiProblem>> HandleAsync(
        Guid id, CourseRequest request, HttpRequest http, ClaimsPrincipal user, LmsDbContext db, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        if (await db.LockOwnCourseAsync(id, user, cancellationToken) is not { } course)
            return Api.NotFound();
        if (EntityTag.IfMatchFails(http, course.Version) is { } stale)
            return stale;
        course.Describe(request.ToDetails());
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return Api.Ok(CourseView.Of(course)).WithVersion(course.Version);
    }
}
