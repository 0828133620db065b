using TalentSphere.ServiceDefaults.Auth;

namespace TalentSphere.Lms.Learning;

internal static class LearningRoutes
{
    public static void MapLearning(this IEndpointRouteBuilder routes)
    {
        var learners = routes.MapGroup("/api/v1").WithTags("Learning").RequireSignedIn();
        learners.MapPost("/courses/{id:guid}/enroll", Enroll.HandleAsync).WithName("Enroll")
            .WithSummary("Enrolls the caller; who had left comes back to the lessons they had completed.");
        learners.MapGet("/enrollments", ListEnrollments.HandleAsync).WithName("ListEnrollments").WithSummary("The caller's enrollments, newest first.");
        learners.MapGet("/enrollments/{id:guid}", ReadEnrollment.HandleAsync).WithName("ReadEnrollment").WithSummary("One of the caller's enrollments.");
        learners.MapDelete("/enrollments/{id:guid}", CancelEnrollment.HandleAsync).WithName("CancelEnrollment")
            .WithSummary("Leaves a course that is not completed yet.");
        learners.MapPost("/lessons/{id:guid}/complete", CompleteLesson.HandleAsync).WithName("CompleteLesson")
            .WithSummary("Completes a lesson; again changes nothing and answers the same.");
        learners.MapGet("/progress/{courseId:guid}", ReadProgress.HandleAsync).WithName("ReadProgress")
            .WithSummary("How far the caller is, and what comes next.");
    }
}
