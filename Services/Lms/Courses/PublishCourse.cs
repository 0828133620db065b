using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using TalentSphere.Contracts.Lms;
using TalentSphere.Lms.Data;
using TalentSphere.ServiceDefaults.Http;
using TalentSphere.ServiceDefaults.Messaging;

namespace TalentSphere.Lms.Courses;

internal static class PublishCourse
{
    public static async Task<Results<ApiOk<CourseView>, ApiProblem>> HandleAsync(
        Guid id, HttpRequest http, ClaimsPrincipal user, LmsDbContext db, TimeProvider time, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        if (await db.LockOwnCourseAsync(id, user, cancellationToken) is not { } course)
            return Api.NotFound();
        if (EntityTag.IfMatchFails(http, course.Version) is { } stale)
            return stale;
        switch (course.Publish(time.GetUtcNow().UtcDateTime))
        {
            case PublishOutcome.HasNoLesson:
                return Api.Conflict("LMS_COURSE_EMPTY", "A course needs at least one lesson before it is published.");
            case PublishOutcome.Published:
                db.Publish(new CoursePublished(course.Id, course.OwnerId, course.Title));
                await db.SaveChangesAsync(cancellationToken);
                await transaction.CommitAsync(cancellationToken);
                break;
        }
        return Api.Ok(CourseView.Of(course)).WithVersion(course.Version);
    }
}
