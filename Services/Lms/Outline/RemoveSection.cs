using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using TalentSphere.Lms.Courses;
using TalentSphere.Lms.Data;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Lms.Outline;

internal static class RemoveSection
{
    public static async Task<Results<NoContent, ApiProblem>> HandleAsync(
        Guid id, HttpRequest http, ClaimsPrincipal user, LmsDbContext db, TimeProvider time, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        if (await db.LockOwnCourseOfSectionAsync(id, user, cancellationToken) is not { } course || course.FindSection(id) is not { } section)
            return Api.NotFound();
        if (EntityTag.IfMatchFails(http, course.Version) is { } stale)
            return stale;
        var hasLearners = await db.HasLearnersAsync(course.Id, cancellationToken);
        if (OutlineProblems.Of(course.RemoveSection(section, hasLearners, time.GetUtcNow().UtcDateTime)) is { } refusal)
            return refusal;
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return TypedResults.NoContent();
    }
}
