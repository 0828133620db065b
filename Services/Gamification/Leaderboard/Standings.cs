using Microsoft.EntityFrameworkCore;
using TalentSphere.Gamification.Data;
using TalentSphere.Gamification.Points;

namespace TalentSphere.Gamification.Leaderboard;

/// <summary>What one user has on one board.</summary>
public sealed class Standing
{
    public Guid UserId { get; init; }

    public int Points { get; init; }
}

/// <summary>The boards as the ledger tells them: the truth that Redis holds a copy of.</summary>
internal static class Standings
{
    /// <summary>Everybody on the board, in no order.</summary>
    public static IQueryable<Standing> Standing(this GamificationDbContext db, BoardScope scope) => scope == BoardScope.All
        // The row's total is the sum of its ledger: both change under the same lock.
        ? db.Learners.AsNoTracking().Select(l => new Standing { UserId = l.UserId, Points = l.Total })
        : db.Ledger.AsNoTracking().In(scope).GroupBy(e => e.UserId).Select(g => new Standing { UserId = g.Key, Points = g.Sum(e => e.Amount) });

    /// <summary>Best first; of equals the younger account, which needed less time for it.</summary>
    /// <remarks>That is also how Redis orders members of equal score when it counts from the highest.</remarks>
    public static IQueryable<Standing> BestFirst(this IQueryable<Standing> standings) => standings.OrderByDescending(s => s.Points).ThenByDescending(s => s.UserId);

    private static IQueryable<LedgerEntry> In(this IQueryable<LedgerEntry> entries, BoardScope scope)
    {
        if (scope.Monday is { } monday)
        {
            var next = monday.AddDays(7);
            return entries.Where(e => e.Day >= monday && e.Day < next);
        }
        return scope.CourseId is { } courseId ? entries.Where(e => e.CourseId == courseId) : entries;
    }
}
