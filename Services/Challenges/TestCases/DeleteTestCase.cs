using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using TalentSphere.Challenges.Catalogue;
using TalentSphere.Challenges.Data;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Challenges.TestCases;

internal static class DeleteTestCase
{
    public static async Task<Results<NoContent, ApiProblem>> HandleAsync(
        Guid challengeId, Guid id, ChallengesDbContext db, ClaimsPrincipal user, HttpRequest request, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var challenge = await db.LockAsync(challengeId, user, cancellationToken);
        if (challenge?.TestCases.Find(t => t.Id == id) is not { } test)
            return Api.NotFound();
        if (EntityTag.IfMatchFails(request, test.Version) is { } stale)
            return stale;
        challenge.TestCases.Remove(test);
        if (challenge.IsBroken)
            return UpdateTestCase.Incomplete();
        challenge.ChangeContent();
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return TypedResults.NoContent();
    }
}
