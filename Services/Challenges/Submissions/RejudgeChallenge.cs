using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using TalentSphere.Challenges.Catalogue;
using TalentSphere.Challenges.Data;
using TalentSphere.Challenges.Judging;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Challenges.Submissions;

/// <summary>What is judged again.</summary>
/// <param name="ChallengeId">The challenge.</param>
/// <param name="Queued">How many submissions with a verdict wait for another one now.</param>
/// <param name="Restarted">How many were being judged and are begun anew.</param>
internal sealed record RejudgeView(Guid ChallengeId, int Queued, int Restarted);

/// <summary>
/// Has every submission to a challenge judged again, after its tests, limits or checker were mended. Verdicts stay in force until others take their place; what
/// a judge is at is begun anew, for it may have read the tests before they were mended. What comes of it waits behind everything that was handed in.
/// </summary>
internal static class RejudgeChallenge
{
    public static async Task<Results<ApiAccepted<RejudgeView>, ApiProblem>> HandleAsync(
        Guid challengeId, ChallengesDbContext db, ClaimsPrincipal user, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        // The challenge's lock, so that two of these take turns.
        if (await db.LockAsync(challengeId, user, cancellationToken) is not { PublishedAt: not null })
            return Api.NotFound();
        // Whoever is at it holds an attempt of a worker that is no more: what comes of that is dropped.
        var restarted = await db.Database.ExecuteSqlAsync(
            $"""
            UPDATE submissions SET status = 'Queued', worker = NULL, lease_until = NULL, due_at = NULL, updated_at = now()
            WHERE challenge_id = {challengeId} AND status = 'Running'
            """, cancellationToken);
        var queued = await db.Database.ExecuteSqlAsync(
            $"""
            UPDATE submissions s SET status = 'Queued', priority = 1, turn = o.turn, failures = 0, due_at = NULL, updated_at = now()
            FROM (SELECT id, row_number() OVER (PARTITION BY user_id ORDER BY created_at DESC, id DESC) AS turn
                FROM submissions WHERE challenge_id = {challengeId} AND status = 'Judged') o
            WHERE s.id = o.id AND s.status = 'Judged'
            """, cancellationToken);
        await SubmissionQueue.AnnounceAsync(db, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return Api.Accepted($"/api/v1/challenges/{challengeId}/leaderboard", new RejudgeView(challengeId, queued, restarted));
    }
}
