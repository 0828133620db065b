using Microsoft.EntityFrameworkCore;
using TalentSphere.Gamification.Data;
using TalentSphere.ServiceDefaults.Data;

namespace TalentSphere.Gamification.Leaderboard;

/// <summary>Builds boards that Redis does not have, from the ledger: the common ones at start, any other when it is asked for.</summary>
internal sealed partial class RebuildBoards(GamificationDbContext db, Boards boards, TimeProvider time, ILogger<RebuildBoards> logger) : IStartupTask
{
    private static readonly TimeSpan _patienceAtStart = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan _patienceToRenew = TimeSpan.FromSeconds(30);

    public async Task RunAsync(IServiceProvider scope, CancellationToken cancellationToken)
    {
        try
        {
            await EnsureAsync(BoardScope.All, _patienceAtStart, cancellationToken);
            await EnsureAsync(BoardScope.WeekOf(DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime)), _patienceAtStart, cancellationToken);
        }
        catch (Exception e) when (Boards.IsAway(e))
        {
            // The boards are built when they are asked for; until then the database answers.
            RedisIsAway(logger, e.Message);
        }
    }

    /// <summary>Builds every board anew, because the ledger is another one: the common ones while they are read, any other when it is asked for.</summary>
    public async Task RenewAsync(CancellationToken cancellationToken)
    {
        var week = BoardScope.WeekOf(DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime));
        foreach (var scope in (BoardScope[])[BoardScope.All, week])
        {
            await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
            if (!await BoardLock.TakeAsync(db, scope, _patienceToRenew, cancellationToken))
                throw new TimeoutException("Others are at the leaderboards for too long.");
            await boards.BuildAsync(scope, db.Standing(scope).AsAsyncEnumerable(), cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }
        var days = await db.Ledger.Select(e => e.Day).Distinct().ToListAsync(cancellationToken);
        var courses = await db.Ledger.Where(e => e.CourseId != null).Select(e => e.CourseId!.Value).Distinct().ToListAsync(cancellationToken);
        await boards.ForgetAsync(days.Select(BoardScope.WeekOf).Where(w => w != week).Concat(courses.Select(BoardScope.Course)).Distinct());
    }

    /// <summary>Builds the board unless it is there, or others are at it for longer than <paramref name="patience"/>.</summary>
    public async Task EnsureAsync(BoardScope scope, TimeSpan patience, CancellationToken cancellationToken)
    {
        if (await boards.ExistsAsync(scope))
            return;
        // One at a time in this process: those who read while a board is being built are answered from the database, and do not hold
        // its connections to wait.
        if (!await boards.Building.WaitAsync(TimeSpan.Zero, cancellationToken))
            return;
        try
        {
            await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
            // Another replica may have built it while we waited for the lock.
            if (!await BoardLock.TakeAsync(db, scope, patience, cancellationToken) || await boards.ExistsAsync(scope))
                return;
            await boards.BuildAsync(scope, db.Standing(scope).AsAsyncEnumerable(), cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }
        finally
        {
            boards.Building.Release();
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Redis is away, the leaderboards come from the database: {Reason}")]
    private static partial void RedisIsAway(ILogger logger, string reason);
}
