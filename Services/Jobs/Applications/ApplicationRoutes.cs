using TalentSphere.Contracts.Auth;
using TalentSphere.ServiceDefaults.Auth;

namespace TalentSphere.Jobs.Applications;

internal static class ApplicationRoutes
{
    public static void MapApplications(this IEndpointRouteBuilder app)
    {
        var ofJob = app.MapGroup("/api/v1/jobs/{id:guid}").WithTags("Applications");
        ofJob.MapPost("/apply", Apply.HandleAsync).RequireRoles(Roles.JobSeeker).WithName("ApplyForJob").WithSummary("Apply for an open job, once");
        ofJob.MapGet("/applications", ListApplicationsOfJob.HandleAsync).RequireSignedIn()
            .WithName("ListApplicationsOfJob").WithSummary("Who applied for a job of yours, oldest first");

        var applications = app.MapGroup("/api/v1/applications").WithTags("Applications").RequireSignedIn();
        applications.MapGet("/", ListMyApplications.HandleAsync).WithName("ListMyApplications").WithSummary("What you applied for, newest first");
        applications.MapGet("/{id:guid}", GetApplication.HandleAsync)
            .WithName("GetApplication").WithSummary("One application, for its candidate and its employer");
        applications.MapPatch("/{id:guid}", MoveApplication.HandleAsync)
            .WithName("MoveApplication").WithSummary("pending → reviewing → accepted or rejected by the employer; withdrawn by the candidate");
    }
}
