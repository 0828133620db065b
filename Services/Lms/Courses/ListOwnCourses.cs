using System.Security.Claims;
using Microsoft.EntityFrameworkCore;
using TalentSphere.Lms.Data;
using TalentSphere.ServiceDefaults.Auth;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Lms.Courses;

internal static class ListOwnCourses
{
    public static async Task<ApiPage<CourseSummary>> HandleAsync(
        [AsParameters] Paging paging, ClaimsPrincipal user, LmsDbContext db, CancellationToken cancellationToken)
    {
        var owner = user.UserId();
        var courses = db.Courses.AsNoTracking().Where(c => c.OwnerId == owner);
        var total = await courses.LongCountAsync(cancellationToken);
        var page = await courses.OrderByDescending(c => c.CreatedAt).ThenByDescending(c => c.Id).Skip(paging.Skip).Take(paging.Size)
            .Summarise(db).ToListAsync(cancellationToken);
        return Api.Page(page, paging, total);
    }
}
