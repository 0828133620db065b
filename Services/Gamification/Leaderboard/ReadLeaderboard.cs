using Microsoft.EntityFrameworkCore;
using TalentSphere.Gamification.Data;
using TalentSphere.ServiceDefaults.Caching;

namespace TalentSphere.Gamification.Leaderboard;

/// <summary>A stretch of a board: who stands after <paramref name="Skip"/> others, of <paramref name="Total"/> in all.</summary>
internal sealed record BoardStretch(IReadOnlyList<Standing> Standings, int Skip, int Total);

/// <summary>Reads boards from Redis, and from the database while Redis is away or does not have them.</summary>
internal sealed partial class ReadLeaderboard(GamificationDbContext db, Boards boards, RebuildBoards rebuild, ILogger<ReadLeaderboard> logger)
{
    // Placements hold a board for a millisecond each; whoever holds it longer is building it.
    private static readonly TimeSpan _patience = TimeSpan.FromMilliseconds(250);

    /// <summary>The stretch that starts after <paramref name="skip"/> others, or the one in whose middle <paramref name="around"/> stands.</summary>
    public async Task<BoardStretch> RunAsync(BoardScope scope, int skip, int take, Guid? around, CancellationToken cancellationToken)
    {
        try
        {
            await rebuild.EnsureAsync(scope, _patience, cancellationToken);
            if (await FromRedisAsync(scope, skip, take, around) is { } stretch)
            {
                CacheMetrics.Hit("leaderboard");
                return stretch;
            }
        }
        catch (Exception e) when (Redis.IsAway(e))
        {
            RedisIsAway(logger, e.Message);
        }
        CacheMetrics.Miss("leaderboard");
        return await FromDatabaseAsync(scope, skip, take, around, cancellationToken);
    }

    private async Task<BoardStretch?> FromRedisAsync(BoardScope scope, int skip, int take, Guid? around)
    {
        var total = await boards.CountAsync(scope);
        if (total == 0)
            return null;
        if (around is { } userId)
            skip = Start(await boards.PlaceAsync(scope, userId), take, total);
        var standings = await boards.RangeAsync(scope, skip, take);
        return new(standings, skip, total);
    }

    private async Task<BoardStretch> FromDatabaseAsync(BoardScope scope, int skip, int take, Guid? around, CancellationToken cancellationToken)
    {
        var board = db.Standing(scope);
        var total = await board.CountAsync(cancellationToken);
        if (around is { } userId)
        {
            var mine = await board.Where(s => s.UserId == userId).Select(s => (int?)s.Points).SingleOrDefaultAsync(cancellationToken);
            int? place = mine is { } points
                ? await board.CountAsync(s => s.Points > points || (s.Points == points && s.UserId > userId), cancellationToken)
                : null;
            skip = Start(place, take, total);
        }
        return new(await board.BestFirst().Skip(skip).Take(take).ToListAsync(cancellationToken), skip, total);
    }

    // Whoever is not on the board yet sees the top of it.
    private static int Start(int? place, int take, int total) => place is { } before ? Math.Clamp(before - (take / 2), 0, Math.Max(0, total - take)) : 0;

    [LoggerMessage(Level = LogLevel.Warning, Message = "Redis is away, the leaderboard comes from the database: {Reason}")]
    private static partial void RedisIsAway(ILogger logger, string reason);
}
