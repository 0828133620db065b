using TalentSphere.Contracts.Auth;
using TalentSphere.ServiceDefaults.Auth;

namespace TalentSphere.Challenges.Solutions;

internal static class SolutionRoutes
{
    public static void Map(IEndpointRouteBuilder app)
    {
        var challenge = app.MapGroup("/api/v1/challenges/{challengeId:guid}").WithTags("Solutions").RequireRoles(Roles.Instructor, Roles.Admin);
        var group = challenge.MapGroup("/solutions");
        group.MapGet("/", ListSolutions.HandleAsync).WithName("ListSolutions")
            .WithSummary("The reference and wrong solutions of one's own challenge, without their sources.");
        group.MapGet("/{id:guid}", GetSolution.HandleAsync).WithName("GetSolution").WithSummary("One solution of one's own challenge.");
        group.MapPost("/", AddSolution.HandleAsync).WithName("AddSolution").WithSummary("Adds a solution and the verdict that it must get.");
        group.MapPut("/{id:guid}", UpdateSolution.HandleAsync).WithName("UpdateSolution").WithSummary("Replaces a solution.");
        group.MapDelete("/{id:guid}", DeleteSolution.HandleAsync).WithName("DeleteSolution").WithSummary("Removes a solution.");

        challenge.MapPost("/check", BeginCheck.HandleAsync).WithName("CheckSolutions")
            .WithSummary("Has every solution judged with every test; publishing needs it. Poll the answer's location.");
        challenge.MapGet("/check", GetCheck.HandleAsync).WithName("GetSolutionCheck").WithSummary("How the latest check of the solutions stands.");
    }
}
