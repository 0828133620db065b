using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using TalentSphere.Contracts.Lms;
using TalentSphere.Lms.Data;
using TalentSphere.ServiceDefaults.Auth;
using TalentSphere.ServiceDefaults.Http;
using TalentSphere.ServiceDefaults.Messaging;

namespace TalentSphere.Lms.Learning;

internal static class Enroll
{
    /// <summary>The index that lets a learner enroll once, also when two requests arrive at the same moment.</summary>
    public const string OncePerCourse = "ix_enrollments_user_id_course_id";

    public const string AlreadyEnrolledCode = "LMS_ALREADY_ENROLLED";

    public const string AlreadyEnrolledText = "You are enrolled in this course already.";

    public static async Task<Results<ApiCreated<EnrollmentView>, ApiProblem>> HandleAsync(
        Guid id, ClaimsPrincipal user, LmsDbContext db, TimeProvider time, CancellationToken cancellationToken)
    {
        var learner = user.UserId();
        var now = time.GetUtcNow().UtcDateTime;
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        // The key-share lock lets others enroll too, but keeps the outline from losing lessons until this enrollment can be seen.
        var course = await db.Courses.FromSql($"SELECT c.*, c.xmin FROM courses c WHERE c.id = {id} AND c.published_at IS NOT NULL FOR KEY SHARE")
            .AsNoTracking().ToListAsync(cancellationToken);
        if (course is not [{ Title: var title }])
            return Api.NotFound();
        var enrollment = await LockAsync(db, learner, id, cancellationToken);
        if (enrollment is null)
            db.Add(enrollment = new Enrollment(learner, id, now));
        else if (!enrollment.Resume(now))
            return Api.Conflict(AlreadyEnrolledCode, AlreadyEnrolledText);
        db.Publish(new EnrollmentCreated(enrollment.Id, learner, id, title));
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        var view = await db.Enrollments.AsNoTracking().Where(e => e.Id == enrollment.Id).ToViews(db).SingleAsync(cancellationToken);
        return Api.Created($"/api/v1/enrollments/{enrollment.Id}", view);
    }

    private static async Task<Enrollment?> LockAsync(LmsDbContext db, Guid learner, Guid courseId, CancellationToken cancellationToken)
    {
        var found = await db.Enrollments.FromSql($"SELECT * FROM enrollments WHERE user_id = {learner} AND course_id = {courseId} FOR UPDATE")
            .ToListAsync(cancellationToken);
        return found is [var enrollment] ? enrollment : null;
    }
}
