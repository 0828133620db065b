using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using TalentSphere.Challenges.Data;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Challenges.Catalogue;

internal static class PublishChallenge
{
    public static async Task<Results<ApiOk<ChallengeView>, ApiProblem>> HandleAsync(
        Guid id, ChallengesDbContext db, ClaimsPrincipal user, TimeProvider time, HttpRequest request, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        if (await db.LockAsync(id, user, cancellationToken) is not { } challenge)
            return Api.NotFound();
        if (EntityTag.IfMatchFails(request, challenge.Version) is { } stale)
            return stale;
        if (!challenge.Publish(time.GetUtcNow().UtcDateTime))
            return Api.Conflict("CHALLENGE_INCOMPLETE", "A challenge needs at least one sample and one hidden test case.");
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return Api.Ok(ChallengeView.ForAuthor(challenge)).WithVersion(challenge.Version);
    }
}
