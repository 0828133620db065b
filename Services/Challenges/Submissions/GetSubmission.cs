using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using TalentSphere.Challenges.Catalogue;
using TalentSphere.Challenges.Data;
using TalentSphere.ServiceDefaults.Auth;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Challenges.Submissions;

/// <summary>A submission with its source.</summary>
internal sealed record SubmissionView(Guid Id, Guid ChallengeId, Guid UserId, string Language, string Code, SubmissionStatus Status, DateTime CreatedAt);

internal static class GetSubmission
{
    public static async Task<Results<ApiOk<SubmissionView>, ApiProblem>> HandleAsync(
        Guid id, ChallengesDbContext db, ClaimsPrincipal user, CancellationToken cancellationToken)
    {
        var userId = user.UserId();
        var changeable = db.Challenges.ChangeableBy(user);
        var submission = await db.Submissions.AsNoTracking()
            .Where(s => s.Id == id && (s.UserId == userId || changeable.Any(c => c.Id == s.ChallengeId)))
            .Select(s => new SubmissionView(s.Id, s.ChallengeId, s.UserId, s.Language, s.Code, s.Status, s.CreatedAt))
            .SingleOrDefaultAsync(cancellationToken);
        return submission is null ? Api.NotFound() : Api.Ok(submission);
    }
}
