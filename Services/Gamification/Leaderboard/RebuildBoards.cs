using Microsoft.EntityFrameworkCore;
using TalentSphere.Gamification.Data;
using TalentSphere.ServiceDefaults.Data;

namespace TalentSphere.Gamification.Leaderboard;

/// <summary>Builds boards that Redis does not have, from the ledger: the common ones at start, any other when it is asked for.</summary>
internal sealed partial class RebuildBoards(GamificationDbContext db, Boards boards, TimeProvider time, ILogger<RebuildBoards> logger) : IStartupTask
{
    public async Task RunAsync(IServiceProvider scope, CancellationToken cancellationToken)
    {
        try
        {
            await EnsureAsync(BoardScope.All, cancellationToken);
            await EnsureAsync(BoardScope.WeekOf(DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime)), cancellationToken);
        }
        catch (Exception e) when (Boards.IsAway(e))
        {
            // The boards are built when they are asked for; until then the database answers.
            RedisIsAway(logger, e.Message);
        }
    }

    /// <summary>Builds the board unless it is there or another replica is at it.</summary>
    public async Task EnsureAsync(BoardScope scope, CancellationToken cancellationToken)
    {
        if (await boards.ExistsAsync(scope))
            return;
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        if (!await BoardLock.TryTakeAsync(db, scope, cancellationToken) || await boards.ExistsAsync(scope))
            return;
        await boards.BuildAsync(scope, db.Standing(scope).AsAsyncEnumerable(), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Redis is away, the leaderboards come from the database: {Reason}")]
    private static partial void RedisIsAway(ILogger logger, string reason);
}
