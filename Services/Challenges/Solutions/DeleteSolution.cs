using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using TalentSphere.Challenges.Catalogue;
using TalentSphere.Challenges.Data;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Challenges.Solutions;

internal static class DeleteSolution
{
    public static async Task<Results<NoContent, ApiProblem>> HandleAsync(
        Guid challengeId, Guid id, ChallengesDbContext db, ClaimsPrincipal user, HttpRequest request, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var challenge = await db.LockWithSolutionsAsync(challengeId, user, cancellationToken);
        if (challenge?.Solutions.Find(s => s.Id == id) is not { } solution)
            return Api.NotFound();
        if (EntityTag.IfMatchFails(request, solution.Version) is { } stale)
            return stale;
        var wasReferenced = challenge.HasReferences;
        challenge.Solutions.Remove(solution);
        if (challenge.PublishedAt is not null && wasReferenced && !challenge.HasReferences)
            return Incomplete();
        challenge.ChangeSolutions();
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return TypedResults.NoContent();
    }

    /// <summary>A published challenge keeps what it was published with.</summary>
    public static ApiProblem Incomplete() =>
        Api.Conflict("CHALLENGE_LACKS_SOLUTIONS", "A published challenge keeps accepted solutions in at least two languages.");
}
