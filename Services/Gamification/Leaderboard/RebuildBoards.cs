using Microsoft.EntityFrameworkCore;
using TalentSphere.Gamification.Data;
using TalentSphere.ServiceDefaults.Data;

namespace TalentSphere.Gamification.Leaderboard;

/// <summary>Builds boards that Redis does not have, from the ledger: the common ones after the start, any other when it is asked for.</summary>
internal sealed class RebuildBoards(GamificationDbContext db, Boards boards, TimeProvider time)
{
    private static readonly TimeSpan _patienceToRenew = TimeSpan.FromSeconds(30);

    /// <summary>Builds the boards that everybody looks at: that of all time and that of this week.</summary>
    /// <returns>False when others are at one of them.</returns>
    public async Task<bool> EnsureCommonAsync(TimeSpan patience, CancellationToken cancellationToken) =>
        await EnsureAsync(BoardScope.All, patience, cancellationToken) & await EnsureAsync(ThisWeek(), patience, cancellationToken);

    /// <summary>Builds every board anew, because the ledger is another one: the common ones while they are read, any other when it is asked for.</summary>
    public async Task RenewAsync(CancellationToken cancellationToken)
    {
        var week = ThisWeek();
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
    /// <returns>False when others are at it.</returns>
    public async Task<bool> EnsureAsync(BoardScope scope, TimeSpan patience, CancellationToken cancellationToken)
    {
        if (await boards.ExistsAsync(scope))
            return true;
        // One at a time in this process: those who read while a board is being built are answered from the database, and do not hold
        // its connections to wait.
        if (!await boards.Building.WaitAsync(TimeSpan.Zero, cancellationToken))
            return false;
        try
        {
            await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
            if (!await BoardLock.TakeAsync(db, scope, patience, cancellationToken))
                return false;
            // Another replica may have built it while we waited for the lock.
            if (await boards.ExistsAsync(scope))
                return true;
            await boards.BuildAsync(scope, db.Standing(scope).AsAsyncEnumerable(), cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            return true;
        }
        finally
        {
            boards.Building.Release();
        }
    }

    private BoardScope ThisWeek() => BoardScope.WeekOf(DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime));
}
