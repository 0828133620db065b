using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using TalentSphere.Challenges.Data;
using TalentSphere.Challenges.Solutions;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Challenges.Catalogue;

internal static class PublishChallenge
{
    public static async Task<Results<ApiOk<ChallengeView>, ApiProblem>> HandleAsync(
        Guid id, ChallengesDbContext db, ClaimsPrincipal user, TimeProvider time, HttpRequest request, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        if (await db.LockWithSolutionsAsync(id, user, cancellationToken) is not { } challenge)
            return Api.NotFound();
        if (EntityTag.IfMatchFails(request, challenge.Version) is { } stale)
            return stale;
        if (challenge.PublishedAt is null && await HindranceAsync(challenge, db, cancellationToken) is { } hindrance)
            return hindrance;
        challenge.Publish(time.GetUtcNow().UtcDateTime);
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return Api.Ok(ChallengeView.ForAuthor(challenge)).WithVersion(challenge.Version);
    }

    public static ApiProblem Incomplete() => Api.Conflict("CHALLENGE_INCOMPLETE", "A challenge needs at least one sample and one hidden test case.");

    public static ApiProblem LacksSolutions() => Api.Conflict(
        "CHALLENGE_LACKS_SOLUTIONS", $"A challenge needs solutions that must be accepted, in at least {Challenge.ReferenceLanguages} languages.");

    private static async Task<ApiProblem?> HindranceAsync(Challenge challenge, ChallengesDbContext db, CancellationToken cancellationToken)
    {
        if (!challenge.IsComplete)
            return Incomplete();
        if (!challenge.HasReferences)
            return LacksSolutions();
        var check = await db.Checks.AsNoTracking().SingleOrDefaultAsync(c => c.ChallengeId == challenge.Id, cancellationToken);
        if (check is null || check.AuthoringVersion != challenge.AuthoringVersion)
            return Api.Conflict("CHALLENGE_UNCHECKED", "The solutions have not been judged with the challenge as it is now: check it first.");
        return check.State switch
        {
            CheckState.Passed => null,
            CheckState.Failed => Api.Conflict(
                "CHALLENGE_CHECK_FAILED", "Not every solution behaves as declared.", [.. check.Results.Where(r => !r.Holds).Select(Describe)]),
            _ => Api.Conflict("CHALLENGE_UNCHECKED", "The solutions are being judged: wait until their check has passed."),
        };
    }

    private static FailureDetail Describe(SolutionResult r) => new(
        $"solutions.{r.SolutionId}", $"{r.Name} must be {r.Expected} and is {r.Actual}" + (r.Ordinal is { } ordinal ? $" at test {ordinal}" : ""));
}
