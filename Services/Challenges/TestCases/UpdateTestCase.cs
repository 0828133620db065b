using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using TalentSphere.Challenges.Catalogue;
using TalentSphere.Challenges.Data;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Challenges.TestCases;

internal static class UpdateTestCase
{
    public static async Task<Results<ApiOk<TestCaseView>, ApiProblem>> HandleAsync(
        Guid challengeId, Guid id, TestCaseRequest body, ChallengesDbContext db, ClaimsPrincipal user, HttpRequest request, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var challenge = await db.LockAsync(challengeId, user, cancellationToken);
        if (challenge?.TestCases.Find(t => t.Id == id) is not { } test)
            return Api.NotFound();
        if (EntityTag.IfMatchFails(request, test.Version) is { } stale)
            return stale;
        var before = (test.Ordinal, test.Input, test.ExpectedOutput);
        body.ApplyTo(test);
        if (challenge.IsBroken)
            return Incomplete();
        if (challenge.HasTooManySamples)
            return AddTestCase.TooManySamples();
        if (challenge.HasTooLongTests)
            return AddTestCase.TooLong();
        if (before == (test.Ordinal, test.Input, test.ExpectedOutput))
            db.Touch(challenge);
        else
            challenge.ChangeContent();
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return Api.Ok(TestCaseView.Of(test)).WithVersion(test.Version);
    }

    /// <summary>A published challenge keeps what it was published with.</summary>
    public static ApiProblem Incomplete() =>
        Api.Conflict("CHALLENGE_INCOMPLETE", "A published challenge keeps at least one sample and one hidden test case.");
}
