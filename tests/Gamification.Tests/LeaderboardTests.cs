using System.Diagnostics;
using System.Net;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;
using TalentSphere.Gamification.Data;
using TalentSphere.Gamification.Leaderboard;
using TalentSphere.ServiceDefaults.Caching;
using TalentSphere.ServiceDefaults.Data;
using TalentSphere.TestKit;

namespace TalentSphere.Gamification.Tests;

public class LeaderboardTests(GamificationFixture service)
{
    private const string _route = "/api/v1/gamification/leaderboard";

    private readonly Guid _course = Guid.CreateVersion7();

    [Fact]
    public async Task A_course_shows_who_earned_most_in_it_with_names_and_ranks()
    {
        var users = await LearnAsync(1, 3, 2);
        await service.RegisterAsync(users[1], "Grace Hopper");
        await service.HasPointsAsync(users[1], 70);
        var board = await service.SignedIn(users[0]).AskAsync($"{_route}?scope=course:{_course}");
        Places(board).ShouldBe([(1, users[1], 60), (2, users[2], 40), (3, users[0], 20)]);
        board.Data[0]!["name"]!.GetValue<string>().ShouldBe("Grace Hopper");
        board.Data.AsArray()[1]!["name"].ShouldBeNull();
        board.Json["meta"]!["total"]!.GetValue<int>().ShouldBe(3);
    }

    [Fact]
    public async Task Of_equal_points_the_younger_account_stands_first_in_Redis_as_in_the_database()
    {
        var users = await LearnAsync(1, 1, 1);
        await using var alone = new Replica(service, redis: "127.0.0.1:1,connectTimeout=200");
        await alone.StartAsync();
        var fromRedis = await service.SignedIn(users[0]).AskAsync($"{_route}?scope=course:{_course}");
        var fromDatabase = await alone.SignedIn(users[0]).AskAsync($"{_route}?scope=course:{_course}");
        Places(fromRedis).ShouldBe([(1, users[2], 20), (2, users[1], 20), (3, users[0], 20)]);
        Places(fromDatabase).ShouldBe(Places(fromRedis));
    }

    [Fact]
    public async Task Around_me_is_the_stretch_in_whose_middle_I_stand()
    {
        var users = await LearnAsync(1, 2, 3, 4, 5, 6, 7);
        await using var alone = new Replica(service, redis: "127.0.0.1:1,connectTimeout=200");
        await alone.StartAsync();
        foreach (var client in (HttpClient[])[service.SignedIn(users[3]), alone.SignedIn(users[3])])
            Places(await client.AskAsync($"{_route}?scope=course:{_course}&around=me&limit=3")).ShouldBe([(3, users[4], 100), (4, users[3], 80), (5, users[2], 60)]);
        Places(await service.SignedIn(users[0]).AskAsync($"{_route}?scope=course:{_course}&around=me&limit=3"))
            .ShouldBe([(5, users[2], 60), (6, users[1], 40), (7, users[0], 20)]);
        Places(await service.SignedIn(Guid.CreateVersion7()).AskAsync($"{_route}?scope=course:{_course}&around=me&limit=1")).ShouldBe([(1, users[6], 140)]);
    }

    [Fact]
    public async Task Pages_follow_each_other()
    {
        var users = await LearnAsync(1, 2, 3);
        var second = await service.SignedIn(users[0]).AskAsync($"{_route}?scope=course:{_course}&page=2&limit=2");
        Places(second).ShouldBe([(3, users[0], 20)]);
        second.Json["meta"]!["page"]!.GetValue<int>().ShouldBe(2);
    }

    [Fact]
    public async Task The_week_leaves_out_what_was_earned_before_it()
    {
        var user = Guid.CreateVersion7();
        await service.CompleteLessonAsync(user, at: DateTime.UtcNow.AddDays(-8));
        await service.CompleteLessonAsync(user, at: DateTime.UtcNow);
        await service.HasPointsAsync(user, 40);
        await service.PlacedAsync(user);
        var client = service.SignedIn(user);
        Places(await client.AskAsync($"{_route}?scope=week&around=me&limit=1")).ShouldContain(p => p.User == user && p.Points == 20);
        Places(await client.AskAsync($"{_route}?scope=all&around=me&limit=1")).ShouldContain(p => p.User == user && p.Points == 40);
    }

    [Fact]
    public async Task Flushed_boards_come_back_from_the_ledger_at_the_next_start()
    {
        var users = await LearnAsync(2, 1);
        await FlushAsync();
        // An award onto boards that are gone must not begin half a board.
        await service.CompleteLessonAsync(users[1], _course);
        await service.HasPointsAsync(users[1], 40);
        await service.PlacedAsync(users);

        await using var restarted = new Replica(service);
        await restarted.StartAsync();
        await EqualsTheLedgerAsync(BoardScope.All);
        await EqualsTheLedgerAsync(BoardScope.WeekOf(DateOnly.FromDateTime(DateTime.UtcNow)));
        Places(await restarted.SignedIn(users[0]).AskAsync($"{_route}?scope=course:{_course}")).ShouldBe([(1, users[1], 40), (2, users[0], 40)]);
        await EqualsTheLedgerAsync(BoardScope.Course(_course));
    }

    [Fact]
    public async Task Every_key_ends_some_day()
    {
        var users = await LearnAsync(1);
        var client = service.SignedIn(users[0]);
        var database = await service.Services.GetRequiredService<Redis>().DatabaseAsync();
        var week = BoardScope.WeekOf(DateOnly.FromDateTime(DateTime.UtcNow));
        foreach (var (scope, name) in ((BoardScope, string)[])[(BoardScope.All, "all"), (week, "week"), (BoardScope.Course(_course), $"course:{_course}")])
        {
            // A reader that finds somebody else building is answered from the database: the board is there a little later.
            var left = await Eventually.SeesAsync(
                async () =>
                {
                    await client.AskAsync($"{_route}?scope={name}");
                    return await database.KeyTimeToLiveAsync(scope.Key);
                },
                t => t is not null, $"{scope.Key} to have a time to live");
            left!.Value.ShouldBeLessThanOrEqualTo(Boards.Lifetime);
        }
    }

    [Fact]
    public async Task Awards_and_rebuilds_at_once_leave_the_board_as_the_ledger()
    {
        var user = Guid.CreateVersion7();
        await LearnAsync(1);
        var database = await service.Services.GetRequiredService<Redis>().DatabaseAsync();
        var lessons = Enumerable.Range(0, 30).Select(_ => service.CompleteLessonAsync(user, _course)).ToList();
        var client = service.SignedIn(user);
        while (!lessons.TrueForAll(l => l.IsCompleted) || (await client.AskAsync("/api/v1/gamification/me")).Data["points"]!.GetValue<int>() < 600)
        {
            await database.KeyDeleteAsync(BoardScope.Course(_course).Key);
            await client.AskAsync($"{_route}?scope=course:{_course}");
        }
        await service.PlacedAsync(user);
        Places(await client.AskAsync($"{_route}?scope=course:{_course}")).Select(p => p.Points).ShouldBe([600, 20]);
        await EqualsTheLedgerAsync(BoardScope.Course(_course));
    }

    [Fact]
    public async Task What_could_not_be_placed_is_placed_by_the_next_start()
    {
        var users = await LearnAsync(1);
        await service.SignedIn(users[0]).AskAsync($"{_route}?scope=course:{_course}");
        var database = await service.Services.GetRequiredService<Redis>().DatabaseAsync();
        // As after a crash between the commit and the placement.
        await database.SortedSetAddAsync(BoardScope.Course(_course).Key, users[0].ToString(), 0);
        await service.WithAsync<GamificationDbContext, int>(db => db.Learners.Where(l => l.UserId == users[0])
            .ExecuteUpdateAsync(s => s.SetProperty(l => l.PlacedEntries, 0).SetProperty(l => l.UpdatedAt, DateTime.UtcNow.AddMinutes(-1))));
        await using var restarted = new Replica(service);
        await restarted.StartAsync();
        await service.PlacedAsync(users);
        await EqualsTheLedgerAsync(BoardScope.Course(_course));
    }

    [Fact]
    public async Task Nobody_waits_for_a_placement_while_Redis_is_away()
    {
        var users = await LearnAsync(1);
        await using var alone = new Replica(service, redis: "127.0.0.1:1,connectTimeout=200");
        await alone.StartAsync();
        await service.WithAsync<GamificationDbContext, int>(db => db.Learners.Where(l => l.UserId == users[0])
            .ExecuteUpdateAsync(s => s.SetProperty(l => l.PlacedEntries, 0).SetProperty(l => l.UpdatedAt, DateTime.UtcNow)));
        await using (var scope = alone.Services.CreateAsyncScope())
        {
            var watch = Stopwatch.StartNew();
            for (var i = 0; i < 10; i++)
                (await scope.ServiceProvider.GetRequiredService<PlaceStanding>().RunAsync(users[0], default)).ShouldBeFalse();
            watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(1));
        }
        (await service.WithAsync<PlaceStanding, bool>(p => p.RunAsync(users[0], default))).ShouldBeTrue();
        await service.PlacedAsync(users);
    }

    [Fact]
    public async Task A_draft_that_went_away_does_not_come_back_for_ever()
    {
        var database = await service.Services.GetRequiredService<Redis>().DatabaseAsync();
        var scope = BoardScope.Course(_course);
        var drafts = 0;
        await service.Services.GetRequiredService<Boards>().BuildAsync(scope, StandingsAsync(), default);
        drafts.ShouldBe(2);
        (await database.KeyTimeToLiveAsync(scope.Key)).ShouldNotBeNull();

        async IAsyncEnumerable<Standing> StandingsAsync()
        {
            for (var i = 0; i < 2500; i++)
            {
                if (i is 1000 or 2000)
                {
                    foreach (var draft in ((RedisKey[])(await database.ExecuteAsync("KEYS", scope.Key + ":draft:*"))!))
                    {
                        drafts++;
                        (await database.KeyTimeToLiveAsync(draft)).ShouldNotBeNull();
                        await database.KeyDeleteAsync(draft);
                    }
                }
                yield return new() { UserId = Guid.CreateVersion7(), Points = i };
            }
        }
    }

    [Fact]
    public async Task Nobody_is_on_the_board_of_an_unknown_course()
    {
        var board = await service.SignedIn(Guid.CreateVersion7()).AskAsync($"{_route}?scope=course:{_course}&around=me");
        board.Status.ShouldBe(HttpStatusCode.OK);
        board.Data.AsArray().ShouldBeEmpty();
        board.Json["meta"]!["total"]!.GetValue<int>().ShouldBe(0);
    }

    [Theory]
    [InlineData("scope=month", "scope")]
    [InlineData("scope=course:", "scope")]
    [InlineData("scope=course:not-a-uuid", "scope")]
    [InlineData("scope=ALL%00", "scope")]
    [InlineData("scope=nope&around=you", "around,scope")]
    [InlineData("page=one&limit=2", "page")]
    public async Task What_cannot_be_asked_is_named(string query, string fields)
    {
        var answer = await service.SignedIn(Guid.CreateVersion7()).AskAsync($"{_route}?{query}");
        answer.Status.ShouldBe(HttpStatusCode.UnprocessableEntity);
        string.Join(',', answer.Fields).ShouldBe(fields);
    }

    /// <summary>Accounts, the oldest first, that completed as many lessons of the course as given, and stand on the boards.</summary>
    private async Task<List<Guid>> LearnAsync(params int[] lessons)
    {
        var start = DateTimeOffset.UtcNow;
        List<Guid> users = [.. lessons.Select((_, i) => Guid.CreateVersion7(start.AddMilliseconds(i)))];
        foreach (var (user, count) in users.Zip(lessons))
        {
            for (var i = 0; i < count; i++)
                await service.CompleteLessonAsync(user, _course);
        }
        foreach (var (user, count) in users.Zip(lessons))
            await service.HasPointsAsync(user, 20 * count);
        await service.PlacedAsync(users);
        return users;
    }

    private async Task FlushAsync()
    {
        var database = await service.Services.GetRequiredService<Redis>().DatabaseAsync();
        await database.KeyDeleteAsync([BoardScope.All.Key, BoardScope.WeekOf(DateOnly.FromDateTime(DateTime.UtcNow)).Key, BoardScope.Course(_course).Key]);
    }

    /// <summary>Others play at the same time: asks until the copy and the ledger agree to the point.</summary>
    private Task EqualsTheLedgerAsync(BoardScope scope) => Eventually.TrueAsync(
        async () =>
        {
            var database = await service.Services.GetRequiredService<Redis>().DatabaseAsync();
            var truth = await service.WithAsync<GamificationDbContext, List<(Guid, int)>>(async db =>
                [.. (await db.Standing(scope).BestFirst().ToListAsync()).Select(s => (s.UserId, s.Points))]);
            var copy = await database.SortedSetRangeByRankWithScoresAsync(scope.Key, order: Order.Descending);
            return truth.Count > 0 && copy.Select(e => (Guid.Parse((string)e.Element!), (int)e.Score)).SequenceEqual(truth);
        },
        $"{scope.Key} to equal the ledger");

    private static List<(int Rank, Guid User, int Points)> Places(Answer answer) =>
        [.. answer.Data.AsArray().Select(p => (p!["rank"]!.GetValue<int>(), p["userId"]!.GetValue<Guid>(), p["points"]!.GetValue<int>()))];
}
