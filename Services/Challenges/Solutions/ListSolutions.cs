using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using TalentSphere.Challenges.Catalogue;
using TalentSphere.Challenges.Data;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Challenges.Solutions;

internal static class ListSolutions
{
    public static async Task<Results<ApiPage<SolutionSummary>, ApiProblem>> HandleAsync(
        Guid challengeId, [AsParameters] Paging paging, ChallengesDbContext db, ClaimsPrincipal user, CancellationToken cancellationToken)
    {
        if (!await db.Challenges.ChangeableBy(user).AnyAsync(c => c.Id == challengeId, cancellationToken))
            return Api.NotFound();
        var solutions = db.Solutions.AsNoTracking().Where(s => s.ChallengeId == challengeId);
        var total = await solutions.CountAsync(cancellationToken);
        var page = await solutions.OrderBy(s => s.Name).ThenBy(s => s.Id).Skip(paging.Skip).Take(paging.Size)
            .Select(s => new SolutionSummary(s.Id, s.ChallengeId, s.Name, s.Language, s.Expected, s.CreatedAt, s.UpdatedAt))
            .ToListAsync(cancellationToken);
        return Api.Page(page, paging, total);
    }
}
