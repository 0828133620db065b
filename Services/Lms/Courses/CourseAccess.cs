using System.Security.Claims;
using Microsoft.EntityFrameworkCore;
using TalentSphere.Contracts.Auth;
using TalentSphere.Lms.Data;
using TalentSphere.ServiceDefaults.Auth;

namespace TalentSphere.Lms.Courses;

/// <summary>
/// Finds courses that the caller may change. The row is locked until the transaction ends, so that changes of one course, and
/// enrollments into it, come one after another.
/// </summary>
internal static class CourseAccess
{
    public static bool IsAdmin(this ClaimsPrincipal user) => user.IsInRole(Roles.Admin);

    /// <summary>The course with its outline; null when it is not there or not the caller's.</summary>
    public static Task<Course?> LockOwnCourseAsync(this LmsDbContext db, Guid courseId, ClaimsPrincipal user, CancellationToken cancellationToken) =>
        db.LockAsync(
            db.Courses.FromSql($"""
                SELECT c.*, c.xmin FROM courses c
                WHERE c.id = {courseId} AND (c.owner_id = {user.UserId()} OR {user.IsAdmin()}) FOR UPDATE
                """),
            cancellationToken);

    /// <summary>The course that holds the section, with its outline; null when it is not there or not the caller's.</summary>
    public static Task<Course?> LockOwnCourseOfSectionAsync(this LmsDbContext db, Guid sectionId, ClaimsPrincipal user, CancellationToken cancellationToken) =>
        db.LockAsync(
            db.Courses.FromSql($"""
                SELECT c.*, c.xmin FROM courses c JOIN sections s ON s.course_id = c.id
                WHERE s.id = {sectionId} AND (c.owner_id = {user.UserId()} OR {user.IsAdmin()}) FOR UPDATE OF c
                """),
            cancellationToken);

    /// <summary>The course that holds the lesson, with its outline; null when it is not there or not the caller's.</summary>
    public static Task<Course?> LockOwnCourseOfLessonAsync(this LmsDbContext db, Guid lessonId, ClaimsPrincipal user, CancellationToken cancellationToken) =>
        db.LockAsync(
            db.Courses.FromSql($"""
                SELECT c.*, c.xmin FROM courses c JOIN lessons l ON l.course_id = c.id
                WHERE l.id = {lessonId} AND (c.owner_id = {user.UserId()} OR {user.IsAdmin()}) FOR UPDATE OF c
                """),
            cancellationToken);

    /// <summary>Whether anybody enrolled, also who left again: they may come back to what they had completed.</summary>
    public static Task<bool> HasLearnersAsync(this LmsDbContext db, Guid courseId, CancellationToken cancellationToken) =>
        db.Enrollments.AnyAsync(e => e.CourseId == courseId, cancellationToken);

    private static async Task<Course?> LockAsync(this LmsDbContext db, IQueryable<Course> locking, CancellationToken cancellationToken)
    {
        // Not composed, so that the statement is sent as it stands; the outline is read after the lock is held.
        var found = await locking.ToListAsync(cancellationToken);
        if (found is not [var course])
            return null;
        await db.Entry(course).Collection(c => c.Sections).Query().Include(s => s.Lessons).LoadAsync(cancellationToken);
        return course;
    }
}
