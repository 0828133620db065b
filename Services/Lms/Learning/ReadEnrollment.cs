using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using TalentSphere.Lms.Data;
using TalentSphere.ServiceDefaults.Auth;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Lms.Learning;

internal static class ReadEnrollment
{
    public static async Task<Results<ApiOk<EnrollmentView>, ApiProblem>> HandleAsync(
        Guid id, ClaimsPrincipal user, LmsDbContext db, CancellationToken cancellationToken)
    {
        var view = await db.Enrollments.AsNoTracking().ActiveOf(user.UserId()).Where(e => e.Id == id).ToViews(db).SingleOrDefaultAsync(cancellationToken);
        return view is null ? Api.NotFound() : Api.Ok(view);
    }
}
