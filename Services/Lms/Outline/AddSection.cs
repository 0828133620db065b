using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using TalentSphere.Lms.Courses;
using TalentSphere.Lms.Data;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Lms.Outline;

internal static class AddSection
{
    public static async Task<Results<ApiCreated<SectionView>, ApiProblem>> HandleAsync(
        Guid id, SectionRequest request, ClaimsPrincipal user, LmsDbContext db, TimeProvider time, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        if (await db.LockOwnCourseAsync(id, user, cancellationToken) is not { } course)
            return Api.NotFound();
        if (course.AddSection(request.Title!.Trim(), request.Position, time.GetUtcNow().UtcDateTime) is not { } section)
            return OutlineProblems.Full;
        db.Add(section);
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return Api.Created($"/api/v1/courses/{course.Id}", SectionView.Of(section)).WithVersion(course.Version);
    }
}
