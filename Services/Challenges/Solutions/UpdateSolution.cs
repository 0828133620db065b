using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using TalentSphere.Challenges.Catalogue;
using TalentSphere.Challenges.Data;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Challenges.Solutions;

internal static class UpdateSolution
{
    public static async Task<Results<ApiOk<SolutionView>, ApiProblem>> HandleAsync(
        Guid challengeId, Guid id, SolutionRequest body, ChallengesDbContext db, ClaimsPrincipal user, HttpRequest request, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var challenge = await db.LockWithSolutionsAsync(challengeId, user, cancellationToken);
        if (challenge?.Solutions.Find(s => s.Id == id) is not { } solution)
            return Api.NotFound();
        if (EntityTag.IfMatchFails(request, solution.Version) is { } stale)
            return stale;
        var wasReferenced = challenge.HasReferences;
        body.ApplyTo(solution);
        if (challenge.PublishedAt is not null && wasReferenced && !challenge.HasReferences)
            return DeleteSolution.Incomplete();
        challenge.ChangeSolutions();
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return Api.Ok(SolutionView.Of(solution)).WithVersion(solution.Version);
    }
}
