using TalentSphere.Contracts.Auth;
using TalentSphere.ServiceDefaults.Auth;

namespace TalentSphere.Challenges.TestCases;

internal static class TestCaseRoutes
{
    public static void Map(IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/api/v1/challenges/{challengeId:guid}/testcases").WithTags("Test cases").RequireRoles(Roles.Instructor, Roles.Admin);
        group.MapGet("/", ListTestCases.HandleAsync).WithName("ListTestCases").WithSummary("Every test case of one's own challenge, hidden ones too.");
        group.MapGet("/{id:guid}", GetTestCase.HandleAsync).WithName("GetTestCase").WithSummary("One test case of one's own challenge.");
        group.MapPost("/", AddTestCase.HandleAsync).WithName("AddTestCase").WithSummary("Adds a test case, at the end unless it names its ordinal.");
        group.MapPut("/{id:guid}", UpdateTestCase.HandleAsync).WithName("UpdateTestCase").WithSummary("Replaces a test case.");
        group.MapDelete("/{id:guid}", DeleteTestCase.HandleAsync).WithName("DeleteTestCase").WithSummary("Removes a test case.");
    }
}
