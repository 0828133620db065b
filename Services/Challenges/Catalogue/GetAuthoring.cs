using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using TalentSphere.Challenges.Data;
using TalentSphere.Challenges.Solutions;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Challenges.Catalogue;

/// <summary>What an author has of a challenge beyond what everybody sees.</summary>
/// <param name="Challenge">With the checker program.</param>
/// <param name="AuthoringVersion">Changes with whatever a check proves: tests, limits, checker, solutions.</param>
/// <param name="TestCases">How many there are, hidden ones too.</param>
/// <param name="Solutions">How many there are.</param>
/// <param name="Check">The state of the latest check of the solutions; null when there was none.</param>
/// <param name="Checked">True when that check passed and counts for the challenge as it is now.</param>
internal sealed record AuthoringView(ChallengeView Challenge, int AuthoringVersion, int TestCases, int Solutions, CheckState? Check, bool Checked);

internal static class GetAuthoring
{
    public static async Task<Results<ApiOk<AuthoringView>, ApiProblem>> HandleAsync(
        Guid id, ChallengesDbContext db, ClaimsPrincipal user, CancellationToken cancellationToken)
    {
        var challenge = await db.Challenges.AsNoTracking().ChangeableBy(user).Include(c => c.TestCases.Where(t => t.Sample)).Include(c => c.Check)
            .SingleOrDefaultAsync(c => c.Id == id, cancellationToken);
        if (challenge is null)
            return Api.NotFound();
        var tests = await db.TestCases.CountAsync(t => t.ChallengeId == id, cancellationToken);
        var solutions = await db.Solutions.CountAsync(s => s.ChallengeId == id, cancellationToken);
        var isChecked = challenge.Check is { State: CheckState.Passed } check && check.AuthoringVersion == challenge.AuthoringVersion;
        return Api.Ok(new AuthoringView(ChallengeView.ForAuthor(challenge), challenge.AuthoringVersion, tests, solutions, challenge.Check?.State, isChecked))
            .WithVersion(challenge.Version);
    }
}
