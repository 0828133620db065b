using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using TalentSphere.Challenges.Catalogue;
using TalentSphere.Challenges.Data;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Challenges.TestCases;

internal static class AddTestCase
{
    public static async Task<Results<ApiCreated<TestCaseView>, ApiProblem>> HandleAsync(
        Guid challengeId, TestCaseRequest request, ChallengesDbContext db, ClaimsPrincipal user, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        if (await db.LockAsync(challengeId, user, cancellationToken) is not { } challenge)
            return Api.NotFound();
        if (challenge.TestCases.Count >= Challenge.MaxTestCases)
            return Api.Conflict("CHALLENGE_FULL", $"A challenge has at most {Challenge.MaxTestCases} test cases.");
        var test = new TestCase { Id = Guid.CreateVersion7(), ChallengeId = challengeId, Ordinal = challenge.NextOrdinal, Input = "", ExpectedOutput = "" };
        request.ApplyTo(test);
        db.TestCases.Add(test);
        if (challenge.HasTooManySamples)
            return TooManySamples();
        if (challenge.HasTooLongTests)
            return TooLong();
        challenge.ChangeContent();
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return Api.Created($"/api/v1/challenges/{challengeId}/testcases/{test.Id}", TestCaseView.Of(test)).WithVersion(test.Version);
    }

    /// <summary>Longer tests would make each judging too long to send.</summary>
    public static ApiProblem TooLong() => Api.Conflict("CHALLENGE_FULL", $"All tests of a challenge have at most {Challenge.MaxTestBytes} bytes together.");

    /// <summary>More samples would make the challenge itself too long to read.</summary>
    public static ApiProblem TooManySamples() => Api.Conflict("CHALLENGE_FULL", $"A challenge has at most {Challenge.MaxSamples} samples.");
}
