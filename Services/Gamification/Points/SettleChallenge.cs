using Microsoft.EntityFrameworkCore;
using TalentSphere.Contracts;
using TalentSphere.Contracts.Challenges;
using TalentSphere.Gamification.Data;
using TalentSphere.ServiceDefaults.Erasure;

namespace TalentSphere.Gamification.Points;

/// <summary>
/// Keeps the ledger in step with verdicts: a challenge counts once while any of the learner's submissions to it is accepted, and not at all when none is any
/// more. What was given is never removed but compensated, and so is what was taken.
/// </summary>
internal sealed class SettleChallenge(GamificationDbContext db, GiveReward give)
{
    public async Task RunAsync(SubmissionApproved fact, EventEnvelope envelope, CancellationToken cancellationToken)
    {
        // Checked before anything is kept: an impossible fact is no verdict either.
        var reward = Reward.For(fact, envelope);
        var entries = await TakeAsync(fact.UserId, fact.ChallengeId, fact.SubmissionId, fact.Attempt, accepted: true, cancellationToken);
        if (entries is not { Accepted: true, Net: 0 })
            return;
        await give.RunAsync(entries.Count == 0 ? reward : reward.Compensated(fact.Points, entries.Count), displayName: null, cancellationToken);
    }

    public async Task RunAsync(SubmissionRejected fact, EventEnvelope envelope, CancellationToken cancellationToken)
    {
        var reward = Reward.Taken(fact, envelope);
        var entries = await TakeAsync(fact.UserId, fact.ChallengeId, fact.SubmissionId, fact.Attempt, accepted: false, cancellationToken);
        if (entries is not { Changed: true, Accepted: false, Net: > 0 and var net })
            return;
        await give.RunAsync(reward.Compensated(-net, entries.Count), displayName: null, cancellationToken);
    }

    /// <summary>Notes the verdict and tells how the challenge stands then.</summary>
    /// <returns>Null when nothing is kept of this person.</returns>
    private async Task<Entries?> TakeAsync(Guid userId, Guid challengeId, Guid submissionId, int? attempt, bool accepted, CancellationToken cancellationToken)
    {
        if (await db.IsErasedAsync(userId, cancellationToken))
            return null;
        await db.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO solutions (user_id, challenge_id, submission_id, attempt, accepted) VALUES ({userId}, {challengeId}, {submissionId}, -1, false)
            ON CONFLICT DO NOTHING
            """, cancellationToken);
        // The solution's lock first and the learner's second, always: whoever has both sees every verdict that was settled before.
        var solution = await db.Solutions
            .FromSql($"SELECT * FROM solutions WHERE user_id = {userId} AND challenge_id = {challengeId} AND submission_id = {submissionId} FOR UPDATE")
            .SingleAsync(cancellationToken);
        var changed = solution.Hear(attempt, accepted);
        await db.SaveChangesAsync(cancellationToken);
        await db.Database.ExecuteSqlAsync($"SELECT 1 FROM learners WHERE user_id = {userId} FOR UPDATE", cancellationToken);
        var (source, corrections) = (challengeId.ToString(), challengeId + ":");
        var amounts = await db.Ledger
            .Where(e => e.UserId == userId
                && ((e.Reason == LedgerReason.Challenge && e.Source == source) || (e.Reason == LedgerReason.Correction && e.Source.StartsWith(corrections))))
            .Select(e => e.Amount).ToListAsync(cancellationToken);
        var solved = await db.Solutions.AnyAsync(s => s.UserId == userId && s.ChallengeId == challengeId && s.Accepted, cancellationToken);
        return new(changed, solved, amounts.Sum(), amounts.Count);
    }

    /// <summary>How a challenge stands for a learner.</summary>
    /// <param name="Changed">Whether the submission's verdict is another one than before.</param>
    /// <param name="Accepted">Whether any submission is accepted.</param>
    /// <param name="Net">The points that the learner has for it.</param>
    /// <param name="Count">How many entries these come from.</param>
    private sealed record Entries(bool Changed, bool Accepted, int Net, int Count);
}
