using TalentSphere.ServiceDefaults.Auth;

namespace TalentSphere.Challenges.Submissions;

internal static class SubmissionRoutes
{
    public static void Map(IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/api/v1").WithTags("Submissions").RequireSignedIn();
        group.MapPost("/challenges/{challengeId:guid}/submissions", SubmitSolution.HandleAsync).WithName("SubmitSolution").WithSummary("Hands in a solution; it is queued.");
        group.MapGet("/submissions/{id:guid}", GetSubmission.HandleAsync).WithName("GetSubmission")
            .WithSummary("One's own submission; also for the challenge's author and admins.");
        group.MapGet("/submissions", ListSubmissions.HandleAsync).WithName("ListSubmissions").WithSummary("The caller's submissions, newest first.");
    }
}
