using TalentSphere.Contracts.Auth;
using TalentSphere.ServiceDefaults.Auth;

namespace TalentSphere.Lms.Outline;

internal static class OutlineRoutes
{
    public static void MapOutline(this IEndpointRouteBuilder routes)
    {
        var authors = routes.MapGroup("/api/v1").WithTags("Outline").RequireRoles(Roles.Instructor, Roles.Admin);
        authors.MapPost("/courses/{id:guid}/sections", AddSection.HandleAsync).WithName("AddSection").WithSummary("Adds a section to a course.");
        authors.MapPut("/sections/{id:guid}", EditSection.HandleAsync).WithName("EditSection")
            .WithSummary("Renames or moves a section; If-Match takes the course's tag.");
        authors.MapDelete("/sections/{id:guid}", RemoveSection.HandleAsync).WithName("RemoveSection")
            .WithSummary("Removes a section with its lessons, as long as nobody enrolled.");
        authors.MapPost("/sections/{id:guid}/lessons", AddLesson.HandleAsync).WithName("AddLesson").WithSummary("Adds a lesson to a section.");
        authors.MapPut("/lessons/{id:guid}", EditLesson.HandleAsync).WithName("EditLesson").WithSummary("Replaces a lesson; honours If-Match.");
        authors.MapDelete("/lessons/{id:guid}", RemoveLesson.HandleAsync).WithName("RemoveLesson").WithSummary("Removes a lesson, as long as nobody enrolled.");

        routes.MapGroup("/api/v1/lessons").WithTags("Outline").RequireSignedIn()
            .MapGet("/{id:guid}", ReadLesson.HandleAsync).WithName("ReadLesson")
            .WithSummary("A lesson with its text: for learners of its course and its author.");
    }
}
