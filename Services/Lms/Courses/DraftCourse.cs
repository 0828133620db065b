using System.Security.Claims;
using TalentSphere.Lms.Data;
using TalentSphere.ServiceDefaults.Auth;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Lms.Courses;

internal static class DraftCourse
{
    public static async Task<ApiCreated<CourseView>> HandleAsync(
        CourseRequest request, ClaimsPrincipal user, LmsDbContext db, CancellationToken cancellationToken)
    {
        var course = new Course(user.UserId(), request.ToDetails());
        db.Add(course);
        await db.SaveChangesAsync(cancellationToken);
        return Api.Created($"/api/v1/courses/{course.Id}", CourseView.Of(course)).WithVersion(course.Version);
    }
}
