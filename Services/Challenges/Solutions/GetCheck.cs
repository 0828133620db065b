using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using TalentSphere.Challenges.Catalogue;
using TalentSphere.Challenges.Data;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Challenges.Solutions;

internal static class GetCheck
{
    public static async Task<Results<ApiOk<CheckView>, ApiProblem>> HandleAsync(
        Guid challengeId, ChallengesDbContext db, ClaimsPrincipal user, CancellationToken cancellationToken)
    {
        var found = await db.Challenges.AsNoTracking().ChangeableBy(user).Where(c => c.Id == challengeId)
            .Select(c => new { c.Check, c.AuthoringVersion, Solutions = c.Solutions.Count })
            .SingleOrDefaultAsync(cancellationToken);
        return found is { Check: { } check } ? Api.Ok(CheckView.Of(check, found.AuthoringVersion, found.Solutions)) : Api.NotFound();
    }
}
