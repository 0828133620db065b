using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using TalentSphere.Challenges.Catalogue;
using TalentSphere.Challenges.Data;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Challenges.Solutions;

internal static class GetSolution
{
    public static async Task<Results<ApiOk<SolutionView>, ApiProblem>> HandleAsync(
        Guid challengeId, Guid id, ChallengesDbContext db, ClaimsPrincipal user, CancellationToken cancellationToken)
    {
        var solution = await db.Challenges.AsNoTracking().ChangeableBy(user).Where(c => c.Id == challengeId).SelectMany(c => c.Solutions)
            .SingleOrDefaultAsync(s => s.Id == id, cancellationToken);
        return solution is null ? Api.NotFound() : Api.Ok(SolutionView.Of(solution)).WithVersion(solution.Version);
    }
}
