using Microsoft.EntityFrameworkCore;
using TalentSphere.Gamification.Data;

namespace TalentSphere.Gamification.Leaderboard;

/// <summary>
/// Brings a learner's new ledger entries onto the leaderboards: absolute totals, written while nobody can change them, so that two
/// placements of one learner can neither overtake each other nor add up wrongly.
/// </summary>
internal sealed class PlaceStanding(GamificationDbContext db, Boards boards)
{
    /// <summary>Does nothing when the boards know all entries.</summary>
    /// <returns>False when Redis is not connected: <see cref="PlaceForgottenStandings"/> comes back to it.</returns>
    public async Task<bool> RunAsync(Guid userId, CancellationToken cancellationToken)
    {
        if (!await boards.IsConnectedAsync())
            return false;
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var learner = await db.Learners.FromSql($"SELECT * FROM learners WHERE user_id = {userId} FOR UPDATE").SingleOrDefaultAsync(cancellationToken);
        if (learner is null || learner.PlacedEntries == learner.Entries)
            return true;
        var unplaced = await db.Ledger.AsNoTracking().Where(e => e.UserId == userId && e.Ordinal > learner.PlacedEntries).ToListAsync(cancellationToken);
        List<BoardScope> scopes = [.. unplaced.SelectMany(BoardScope.Of).Distinct().OrderBy(s => s.Key, StringComparer.Ordinal)];
        await BoardLock.ShareAsync(db, scopes, cancellationToken);
        var totals = new List<(BoardScope, int)>(scopes.Count);
        foreach (var scope in scopes)
            totals.Add((scope, await db.Standing(scope).Where(s => s.UserId == userId).Select(s => s.Points).SingleAsync(cancellationToken)));
        await boards.SetAsync(userId, totals);
        learner.Placed();
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return true;
    }
}
