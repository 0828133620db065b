using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using TalentSphere.Lms.Courses;
using TalentSphere.Lms.Data;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Lms.Outline;

internal static class EditSection
{
    public static async Task<Results<ApiOk<SectionView>, ApiProblem>> HandleAsync(
        Guid id, SectionRequest request, HttpRequest http, ClaimsPrincipal user, LmsDbContext db, TimeProvider time, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        if (await db.LockOwnCourseOfSectionAsync(id, user, cancellationToken) is not { } course || course.FindSection(id) is not { } section)
            return Api.NotFound();
        if (EntityTag.IfMatchFails(http, course.Version) is { } stale)
            return stale;
        course.EditSection(section, request.Title!.Trim(), request.Position, time.GetUtcNow().UtcDateTime);
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return Api.Ok(SectionView.Of(section)).WithVersion(course.Version);
    }
}
