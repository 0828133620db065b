using StackExchange.Redis;
using TalentSphere.ServiceDefaults.Caching;

namespace TalentSphere.Gamification.Leaderboard;

/// <summary>
/// The leaderboards in Redis: sorted sets of user ids by points. A board is complete or not there at all: it comes to be only by being
/// built whole and renamed into place, and a total is set only on a board that is there. So a flushed Redis cannot show half a board.
/// </summary>
/// <remarks>
/// A board lives for a day and is then built anew from the ledger. Whatever Redis may have lost in between, by a fail-over or a restart
/// from an old snapshot, is right again after that.
/// </remarks>
internal sealed class Boards(Redis redis) : IDisposable
{
    /// <summary>How long a board stays before it is built anew.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromDays(1);

    // The first connection takes its own time.
    private static readonly TimeSpan _patienceToConnect = TimeSpan.FromSeconds(3);

    // Redis answers in well under a millisecond; whoever waits longer is better served by the database.
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _longestBuild = TimeSpan.FromMinutes(10);

    private const string _setWhereBoardExists =
        """
        for i, key in ipairs(KEYS) do
            if redis.call('EXISTS', key) == 1 then redis.call('ZADD', key, ARGV[i + 1], ARGV[1]) end
        end
        """;

    /// <summary>Held by whoever builds a board in this process.</summary>
    public SemaphoreSlim Building { get; } = new(1);

    /// <summary>False while Redis is away, or not reached yet: a command would only wait in vain.</summary>
    public async ValueTask<bool> IsConnectedAsync()
    {
        var connection = redis.DatabaseAsync();
        return connection.IsCompleted && (await connection).Multiplexer.IsConnected;
    }

    /// <summary>Sets the user's totals on those of the boards that are there.</summary>
    public async Task SetAsync(Guid userId, IReadOnlyList<(BoardScope Scope, int Points)> totals)
    {
        var database = await ConnectAsync();
        await database.ScriptEvaluateAsync(
            _setWhereBoardExists,
            [.. totals.Select(t => (RedisKey)t.Scope.Key)],
            [Member(userId), .. totals.Select(t => (RedisValue)t.Points)]).WaitAsync(_patience);
    }

    public async Task<bool> ExistsAsync(BoardScope scope) => await (await ConnectAsync()).KeyExistsAsync(scope.Key).WaitAsync(_patience);

    /// <summary>Builds the board beside the one in use and then puts it in its place. Nobody on it: there is no board.</summary>
    public async Task BuildAsync(BoardScope scope, IAsyncEnumerable<Standing> standings, CancellationToken cancellationToken)
    {
        var database = await ConnectAsync();
        RedisKey draft = $"{scope.Key}:draft:{Guid.CreateVersion7():N}";
        var any = false;
        await foreach (var batch in standings.Chunk(1000).WithCancellation(cancellationToken))
        {
            // Both or neither, and for every batch: nothing stays for ever of a build that ends here, or whose draft went away meanwhile.
            var both = database.CreateTransaction();
            _ = both.SortedSetAddAsync(draft, [.. batch.Select(s => new SortedSetEntry(Member(s.UserId), s.Points))]);
            _ = both.KeyExpireAsync(draft, _longestBuild);
            await both.ExecuteAsync().WaitAsync(_patience, cancellationToken);
            any = true;
        }
        if (!any)
            return;
        await database.KeyExpireAsync(draft, Lifetime).WaitAsync(_patience, cancellationToken);
        await database.KeyRenameAsync(draft, scope.Key).WaitAsync(_patience, cancellationToken);
    }

    /// <summary>Takes boards away: they are built when they are asked for.</summary>
    public async Task ForgetAsync(IEnumerable<BoardScope> scopes)
    {
        var database = await ConnectAsync();
        foreach (var some in scopes.Select(s => (RedisKey)s.Key).Chunk(500))
            await database.KeyDeleteAsync(some).WaitAsync(_patience);
    }

    /// <summary>The number of entries; 0 when the board is not there.</summary>
    public async Task<int> CountAsync(BoardScope scope) => (int)await (await ConnectAsync()).SortedSetLengthAsync(scope.Key).WaitAsync(_patience);

    /// <summary>How many stand before the user; null when the user is not on the board.</summary>
    public async Task<int?> PlaceAsync(BoardScope scope, Guid userId) =>
        (int?)await (await ConnectAsync()).SortedSetRankAsync(scope.Key, Member(userId), Order.Descending).WaitAsync(_patience);

    /// <summary>Best first, from the entry after <paramref name="skip"/> others.</summary>
    public async Task<IReadOnlyList<Standing>> RangeAsync(BoardScope scope, int skip, int take)
    {
        var database = await ConnectAsync();
        var entries = await database.SortedSetRangeByRankWithScoresAsync(scope.Key, skip, skip + take - 1, Order.Descending).WaitAsync(_patience);
        return [.. entries.Select(e => new Standing { UserId = Guid.ParseExact((string)e.Element!, "D"), Points = (int)e.Score })];
    }

    public void Dispose() => Building.Dispose();

    private Task<IDatabase> ConnectAsync() => redis.DatabaseAsync().WaitAsync(_patienceToConnect);

    // Lower-case hexadecimal orders like the bytes of the id, and so like PostgreSQL.
    private static RedisValue Member(Guid userId) => userId.ToString("D");
}
