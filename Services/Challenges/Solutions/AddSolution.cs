using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using TalentSphere.Challenges.Catalogue;
using TalentSphere.Challenges.Data;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Challenges.Solutions;

internal static class AddSolution
{
    public static async Task<Results<ApiCreated<SolutionView>, ApiProblem>> HandleAsync(
        Guid challengeId, SolutionRequest request, ChallengesDbContext db, ClaimsPrincipal user, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        if (await db.LockWithSolutionsAsync(challengeId, user, cancellationToken) is not { } challenge)
            return Api.NotFound();
        if (challenge.Solutions.Count >= Challenge.MaxSolutions)
            return Api.Conflict("CHALLENGE_FULL", $"A challenge has at most {Challenge.MaxSolutions} solutions.");
        var solution = new Solution { Id = Guid.CreateVersion7(), ChallengeId = challengeId, Name = "", Language = "", Source = "", Expected = "" };
        request.ApplyTo(solution);
        db.Solutions.Add(solution);
        challenge.ChangeSolutions();
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return Api.Created($"/api/v1/challenges/{challengeId}/solutions/{solution.Id}", SolutionView.Of(solution)).WithVersion(solution.Version);
    }
}
