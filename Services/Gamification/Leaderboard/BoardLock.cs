using Microsoft.EntityFrameworkCore;
using TalentSphere.Gamification.Data;

namespace TalentSphere.Gamification.Leaderboard;

/// <summary>
/// Who builds a board has it alone; who only sets a total on it shares it. Otherwise a total that is set while the board is being built
/// would be lost when the new board takes its place. The locks are PostgreSQL's and end with the transaction.
/// </summary>
internal static class BoardLock
{
    public static async Task ShareAsync(GamificationDbContext db, IEnumerable<BoardScope> scopes, CancellationToken cancellationToken)
    {
        foreach (var scope in scopes)
            await db.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock_shared(hashtextextended({scope.Key}, 0))", cancellationToken);
    }

    /// <summary>False when somebody else has it.</summary>
    public static Task<bool> TryTakeAsync(GamificationDbContext db, BoardScope scope, CancellationToken cancellationToken) =>
        db.Database.SqlQuery<bool>($"SELECT pg_try_advisory_xact_lock(hashtextextended({scope.Key}, 0)) AS \"Value\"").SingleAsync(cancellationToken);
}
