using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using TalentSphere.Challenges.Data;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Challenges.Catalogue;

internal static class GetChallenge
{
    public static async Task<Results<ApiOk<ChallengeView>, ApiProblem>> HandleAsync(
        Guid id, ChallengesDbContext db, ClaimsPrincipal user, CancellationToken cancellationToken)
    {
        // Hidden tests are not even read here.
        var published = await db.Challenges.AsNoTracking().Include(c => c.TestCases.Where(t => t.Sample))
            .SingleOrDefaultAsync(c => c.Id == id && c.PublishedAt != null, cancellationToken);
        if (published is not null)
            return Api.Ok(ChallengeView.Of(published)).WithVersion(published.Version).Public();
        var draft = await db.Challenges.AsNoTracking().ChangeableBy(user).Include(c => c.TestCases.Where(t => t.Sample))
            .SingleOrDefaultAsync(c => c.Id == id, cancellationToken);
        return draft is null ? Api.NotFound() : Api.Ok(ChallengeView.ForAuthor(draft)).WithVersion(draft.Version);
    }
}
