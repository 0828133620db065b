using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using TalentSphere.Challenges.Catalogue;
using TalentSphere.Challenges.Data;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Challenges.TestCases;

internal static class ListTestCases
{
    public static async Task<Results<ApiPage<TestCaseView>, ApiProblem>> HandleAsync(
        Guid challengeId, [AsParameters] Paging paging, ChallengesDbContext db, ClaimsPrincipal user, CancellationToken cancellationToken)
    {
        if (!await db.Challenges.ChangeableBy(user).AnyAsync(c => c.Id == challengeId, cancellationToken))
            return Api.NotFound();
        var tests = db.TestCases.AsNoTracking().Where(t => t.ChallengeId == challengeId);
        var total = await tests.CountAsync(cancellationToken);
        var page = await tests.OrderBy(t => t.Ordinal).Skip(paging.Skip).Take(paging.Size).ToListAsync(cancellationToken);
        return Api.Page([.. page.Select(TestCaseView.Of)], paging, total);
    }
}
