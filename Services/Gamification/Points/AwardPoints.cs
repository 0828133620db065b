using Microsoft.EntityFrameworkCore;
using TalentSphere.Contracts.Gamification;
using TalentSphere.Gamification.Data;
using TalentSphere.ServiceDefaults.Erasure;
using TalentSphere.ServiceDefaults.Messaging;

namespace TalentSphere.Gamification.Points;

/// <summary>Writes a reward into the ledger, once, with the events that follow from it. Runs in the caller's transaction.</summary>
internal sealed class AwardPoints(GamificationDbContext db, EventEffect effect)
{
    /// <returns>False when the ledger holds the fact already, or its person was forgotten: then nothing happens.</returns>
    public async Task<bool> RunAsync(Reward reward, string? displayName, CancellationToken cancellationToken)
    {
        // A fact that was on its way when its person was forgotten: they would be begun anew.
        if (await db.IsErasedAsync(reward.UserId, cancellationToken))
            return false;
        var now = effect.At;
        var learner = await LockAsync(reward.UserId, now, cancellationToken);
        // Nobody else writes this user's entries while we hold the row, so what is not there now cannot come before us.
        if (await db.Ledger.AnyAsync(e => e.UserId == reward.UserId && e.Reason == reward.Reason && e.Source == reward.Source, cancellationToken))
            return false;

        List<DateOnly> days = learner.NeedsDaysFor(reward, now)
            ? await db.Ledger.Where(e => e.UserId == reward.UserId && e.Reason != LedgerReason.Correction).Select(e => e.Day).Distinct().ToListAsync(cancellationToken)
            : [];
        if (reward.Reason == LedgerReason.Registration)
            learner.Name(displayName);
        var (entry, levels, badges) = learner.Award(reward, days, now);

        db.Ledger.Add(entry);
        db.Publish(new PointsAwarded(reward.UserId, entry.Id, entry.Amount, entry.Reason.ToString().ToLowerInvariant(), learner.Total));
        foreach (var badge in badges)
            db.Publish(new BadgeEarned(reward.UserId, badge.Code, badge.Name));
        foreach (var level in levels)
            db.Publish(new LevelReached(reward.UserId, level, learner.Total));
        await db.SaveChangesAsync(cancellationToken);
        return true;
    }

    private async Task<Learner> LockAsync(Guid userId, DateTime now, CancellationToken cancellationToken)
    {
        await db.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO learners (user_id, total, highest_level, entries, placed_entries, registered, lessons, courses, challenges,
                streak_current, streak_longest, created_at, updated_at)
            VALUES ({userId}, 0, 1, 0, 0, false, 0, 0, 0, 0, 0, {now}, {now})
            ON CONFLICT DO NOTHING
            """, cancellationToken);
        var learner = await db.Learners.FromSql($"SELECT * FROM learners WHERE user_id = {userId} FOR UPDATE").SingleAsync(cancellationToken);
        await db.Entry(learner).Collection(l => l.Badges).LoadAsync(cancellationToken);
        return learner;
    }
}
