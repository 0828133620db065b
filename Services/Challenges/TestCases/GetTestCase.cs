using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using TalentSphere.Challenges.Catalogue;
using TalentSphere.Challenges.Data;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Challenges.TestCases;

internal static class GetTestCase
{
    public static async Task<Results<ApiOk<TestCaseView>, ApiProblem>> HandleAsync(
        Guid challengeId, Guid id, ChallengesDbContext db, ClaimsPrincipal user, CancellationToken cancellationToken)
    {
        var test = await db.Challenges.AsNoTracking().ChangeableBy(user).Where(c => c.Id == challengeId).SelectMany(c => c.TestCases)
            .SingleOrDefaultAsync(t => t.Id == id, cancellationToken);
        return test is null ? Api.NotFound() : Api.Ok(TestCaseView.Of(test)).WithVersion(test.Version);
    }
}
