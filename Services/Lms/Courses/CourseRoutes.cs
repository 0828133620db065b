using TalentSphere.Contracts.Auth;
using TalentSphere.ServiceDefaults.Auth;

namespace TalentSphere.Lms.Courses;

internal static class CourseRoutes
{
    public static void MapCourses(this IEndpointRouteBuilder routes)
    {
        var readers = routes.MapGroup("/api/v1/courses").WithTags("Courses").AllowAnonymous();
        readers.MapGet("/", BrowseCourses.HandleAsync).WithName("BrowseCourses").WithSummary("Published courses, newest first.");
        readers.MapGet("/{id:guid}", ReadCourse.HandleAsync).WithName("ReadCourse").WithSummary("A course with its outline; a draft only for its author.");

        var authors = routes.MapGroup("/api/v1/courses").WithTags("Courses").RequireRoles(Roles.Instructor, Roles.Admin);
        authors.MapPost("/", DraftCourse.HandleAsync).WithName("DraftCourse").WithSummary("Drafts a course.");
        authors.MapGet("/mine", ListOwnCourses.HandleAsync).WithName("ListOwnCourses").WithSummary("The caller's courses, drafts included, newest first.");
        authors.MapPut("/{id:guid}", EditCourse.HandleAsync).WithName("EditCourse").WithSummary("Replaces what is said about a course; honours If-Match.");
        authors.MapPost("/{id:guid}/publish", PublishCourse.HandleAsync).WithName("PublishCourse")
            .WithSummary("Shows a course to learners; again changes nothing.");
    }
}
