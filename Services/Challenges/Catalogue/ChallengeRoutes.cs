using Microsoft.AspNetCore.Mvc;
using TalentSphere.Challenges.Import;
using TalentSphere.Challenges.Judging;
using TalentSphere.Contracts.Auth;
using TalentSphere.ServiceDefaults.Auth;

namespace TalentSphere.Challenges.Catalogue;

internal static class ChallengeRoutes
{
    public static void Map(IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/api/v1/challenges").WithTags("Challenges");
        var open = group.MapGroup("").AllowAnonymous();
        open.MapGet("/", ListChallenges.HandleAsync).WithName("ListChallenges").WithSummary("Published challenges, newest first.");
        open.MapGet("/{id:guid}", GetChallenge.HandleAsync).WithName("GetChallenge")
            .WithSummary("A challenge with its samples; a draft only for its author and admins.");
        open.MapGet("/languages", ListLanguages.Handle).WithName("ListLanguages")
            .WithSummary("What solutions may be written in, and whether there is a judge.");

        var authors = group.MapGroup("").RequireRoles(Roles.Instructor, Roles.Admin);
        authors.MapPost("/", CreateChallenge.HandleAsync).WithName("CreateChallenge").WithSummary("Begins a draft.");
        authors.MapPost("/import", ImportChallenge.HandleAsync).WithName("ImportChallenge")
            .WithSummary("Begins a draft from a problem package of the Kattis and ICPC layout: a zip archive of at most 10 MB.")
            .Accepts<IFormFile>("application/zip", "multipart/form-data").WithMetadata(new RequestSizeLimitAttribute(ImportChallenge.MaxRequest));
        authors.MapGet("/{id:guid}/authoring", GetAuthoring.HandleAsync).WithName("GetAuthoring")
            .WithSummary("One's own challenge with its checker program, and whether its solutions are checked.");
        authors.MapPut("/{id:guid}", UpdateChallenge.HandleAsync).WithName("UpdateChallenge")
            .WithSummary("Replaces the texts and limits of one's own challenge.");
        authors.MapPost("/{id:guid}/publish", PublishChallenge.HandleAsync).WithName("PublishChallenge")
            .WithSummary("Makes a draft visible; it needs a sample, a hidden test, and a check that its solutions have passed.");
    }
}
