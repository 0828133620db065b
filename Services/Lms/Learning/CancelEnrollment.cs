using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using TalentSphere.Contracts.Lms;
using TalentSphere.Lms.Data;
using TalentSphere.ServiceDefaults.Auth;
using TalentSphere.ServiceDefaults.Http;
using TalentSphere.ServiceDefaults.Messaging;

namespace TalentSphere.Lms.Learning;

internal static class CancelEnrollment
{
    public static async Task<Results<NoContent, ApiProblem>> HandleAsync(
        Guid id, ClaimsPrincipal user, LmsDbContext db, TimeProvider time, CancellationToken cancellationToken)
    {
        var learner = user.UserId();
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var found = await db.Enrollments
            .FromSql($"SELECT * FROM enrollments WHERE id = {id} AND user_id = {learner} AND cancelled_at IS NULL FOR UPDATE")
            .ToListAsync(cancellationToken);
        if (found is not [var enrollment])
            return Api.NotFound();
        if (enrollment.Cancel(time.GetUtcNow().UtcDateTime) == CancelOutcome.CourseIsCompleted)
            return Api.Conflict("LMS_COURSE_COMPLETED", "A completed course stays among your enrollments.");
        var title = await db.Courses.Where(c => c.Id == enrollment.CourseId).Select(c => c.Title).SingleAsync(cancellationToken);
        db.Publish(new EnrollmentCancelled(enrollment.Id, learner, enrollment.CourseId, title));
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return TypedResults.NoContent();
    }
}
