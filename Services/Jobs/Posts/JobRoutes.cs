using TalentSphere.Contracts.Auth;
using TalentSphere.ServiceDefaults.Auth;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Jobs.Posts;

internal static class JobRoutes
{
    public static void MapPosts(this IEndpointRouteBuilder app)
    {
        var jobs = app.MapGroup("/api/v1/jobs").WithTags("Jobs");

        var open = jobs.MapGroup("").AllowAnonymous();
        open.MapGet("/", SearchJobs.HandleAsync)
            .WithName("SearchJobs").WithSummary("Open jobs: full text with ranking, unfinished words and typing errors forgiven");
        open.MapGet("/{id:guid}", GetJob.HandleAsync).WithName("GetJob").WithSummary("One job; as schema.org JobPosting with Accept: application/ld+json");

        var employers = jobs.MapGroup("").RequireRoles(Roles.Employer, Roles.Admin);
        employers.MapPost("/", PostJob.HandleAsync).WithName("PostJob").WithSummary("Open a job at a company of yours");
        employers.MapPut("/{id:guid}", UpdateJob.HandleAsync).WithName("UpdateJob").WithSummary("Replace what an open job of yours says");
        employers.MapDelete("/{id:guid}", WithdrawJob.HandleAsync).WithName("WithdrawJob").WithSummary("Take a job of yours down; its applications stay");
        employers.MapPost("/{id:guid}/close", CloseJob.HandleAsync).WithName("CloseJob").WithSummary("Take no more applications");

        var keepers = jobs.MapGroup("").RequireSignedIn();
        keepers.MapGet("/saved", ListSavedJobs.HandleAsync).WithName("ListSavedJobs").WithSummary("The jobs you saved, last saved first");
        keepers.MapPut("/{id:guid}/saved", SaveJob.HandleAsync).WithName("SaveJob").WithSummary("Keep a job in mind");
        keepers.MapDelete("/{id:guid}/saved", ForgetJob.HandleAsync).WithName("ForgetJob").WithSummary("No longer keep a job in mind");
    }

    internal static ApiProblem NotFound() => Api.NotFound(ErrorCodes.JobNotFound, "There is no such job.");

    internal static ApiProblem Closed() => Api.Conflict(ErrorCodes.JobClosed, "The job is closed.");
}
