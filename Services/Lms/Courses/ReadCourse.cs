using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using TalentSphere.Lms.Data;
using TalentSphere.ServiceDefaults.Auth;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Lms.Courses;

internal static class ReadCourse
{
    public static async Task<Results<ApiOk<CourseView>, ApiProblem>> HandleAsync(
        Guid id, ClaimsPrincipal user, LmsDbContext db, CancellationToken cancellationToken)
    {
        var caller = user.FindUserId();
        var seesAll = user.IsAdmin();
        var course = await db.Courses.AsNoTracking().Include(c => c.Sections).ThenInclude(s => s.Lessons)
            .SingleOrDefaultAsync(c => c.Id == id && (c.PublishedAt != null || c.OwnerId == caller || seesAll), cancellationToken);
        if (course is null)
            return Api.NotFound();
        var answer = Api.Ok(CourseView.Of(course)).WithVersion(course.Version);
        return course.Status == CourseStatus.Published ? answer.Public() : answer;
    }
}
