using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using TalentSphere.Challenges.Data;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Challenges.Catalogue;

internal static class UpdateChallenge
{
    public static async Task<Results<ApiOk<ChallengeView>, ApiProblem>> HandleAsync(
        Guid id, ChallengeRequest body, ChallengesDbContext db, ClaimsPrincipal user, HttpRequest request, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        if (await db.LockAsync(id, user, cancellationToken) is not { } challenge)
            return Api.NotFound();
        if (EntityTag.IfMatchFails(request, challenge.Version) is { } stale)
            return stale;
        if (body.ApplyTo(challenge))
            challenge.ChangeContent();
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return Api.Ok(ChallengeView.ForAuthor(challenge)).WithVersion(challenge.Version);
    }
}
