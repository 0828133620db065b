using System.Security.Claims;
using Microsoft.EntityFrameworkCore;
using TalentSphere.Challenges.Data;
using TalentSphere.ServiceDefaults.Auth;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Challenges.Submissions;

internal static class ListSubmissions
{
    public static async Task<ApiPage<SubmissionSummary>> HandleAsync(
        Guid? challenge, [AsParameters] Paging paging, ChallengesDbContext db, ClaimsPrincipal user, CancellationToken cancellationToken)
    {
        var userId = user.UserId();
        var mine = db.Submissions.AsNoTracking().Where(s => s.UserId == userId);
        if (challenge is { } challengeId)
            mine = mine.Where(s => s.ChallengeId == challengeId);
        var total = await mine.CountAsync(cancellationToken);
        var page = await mine.OrderByDescending(s => s.CreatedAt).ThenByDescending(s => s.Id).Skip(paging.Skip).Take(paging.Size)
            .Select(s => new SubmissionSummary(s.Id, s.ChallengeId, s.Language, s.Status, s.CreatedAt))
            .ToListAsync(cancellationToken);
        return Api.Page(page, paging, total);
    }
}
