using System.Security.Claims;
using Microsoft.EntityFrameworkCore;
using TalentSphere.Lms.Data;
using TalentSphere.ServiceDefaults.Auth;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Lms.Learning;

internal static class ListEnrollments
{
    public static async Task<ApiPage<EnrollmentView>> HandleAsync(
        [AsParameters] Paging paging, ClaimsPrincipal user, LmsDbContext db, CancellationToken cancellationToken)
    {
        var mine = db.Enrollments.AsNoTracking().ActiveOf(user.UserId());
        var total = await mine.LongCountAsync(cancellationToken);
        var page = await mine.OrderByDescending(e => e.EnrolledAt).ThenByDescending(e => e.Id).Skip(paging.Skip).Take(paging.Size)
            .ToViews(db).ToListAsync(cancellationToken);
        return Api.Page(page, paging, total);
    }
}
