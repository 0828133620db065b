using TalentSphere.Challenges.Leaderboard;
using TalentSphere.Contracts.Auth;
using TalentSphere.ServiceDefaults.Auth;

namespace TalentSphere.Challenges.Submissions;

internal static class SubmissionRoutes
{
    public static void Map(IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/api/v1").WithTags("Submissions").RequireSignedIn();
        group.MapPost("/challenges/{challengeId:guid}/submissions", SubmitSolution.HandleAsync).WithName("SubmitSolution").WithSummary("Hands in a solution; it is queued.");
        group.MapPost("/challenges/{challengeId:guid}/run", RunSamples.HandleAsync).WithName("RunSamples")
            .WithSummary("Runs a program on the samples, or on an input of one's own; nothing is recorded.");
        group.MapGet("/submissions/{id:guid}", GetSubmission.HandleAsync).WithName("GetSubmission")
            .WithSummary("One's own submission with its verdict; also for the challenge's author and admins.");
        group.MapGet("/submissions", ListSubmissions.HandleAsync).WithName("ListSubmissions").WithSummary("The caller's submissions, newest first.");
        group.MapGet("/challenges/{id:guid}/leaderboard", GetLeaderboard.HandleAsync).WithName("GetChallengeLeaderboard")
            .WithSummary("Who solved the challenge best: the fastest, then the smallest, then the earliest.");

        var authors = app.MapGroup("/api/v1").WithTags("Submissions").RequireRoles(Roles.Instructor, Roles.Admin);
        authors.MapPost("/challenges/{challengeId:guid}/rejudge", RejudgeChallenge.HandleAsync).WithName("RejudgeChallenge")
            .WithSummary("Has every submission to one's own challenge judged again.");
    }
}
