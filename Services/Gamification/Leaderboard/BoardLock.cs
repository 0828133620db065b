using Microsoft.EntityFrameworkCore;
using Npgsql;
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

    /// <summary>Waits for it; false when others still have it after <paramref name="patience"/>. The transaction is of no more use then.</summary>
    public static async Task<bool> TakeAsync(GamificationDbContext db, BoardScope scope, TimeSpan patience, CancellationToken cancellationToken)
    {
        var limit = $"{patience.TotalMilliseconds:0}ms";
        await db.Database.ExecuteSqlAsync($"SELECT set_config('lock_timeout', {limit}, true)", cancellationToken);
        try
        {
            await db.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock(hashtextextended({scope.Key}, 0))", cancellationToken);
            return true;
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.LockNotAvailable)
        {
            return false;
        }
    }
}
