using System.Net;
using TalentSphere.Contracts.Auth;
using TalentSphere.Contracts.Challenges;
using TalentSphere.Gamification.Data;
using TalentSphere.TestKit;
using UserErased = TalentSphere.Contracts.Gamification.UserErased;

namespace TalentSphere.Gamification.Tests;

/// <summary>What somebody earns and looks at is answered by the node that has their rows.</summary>
public sealed class DistributionTests(DistributedFixture service) : IClassFixture<DistributedFixture>
{
    private const string _path = "/api/v1/gamification";

    private static readonly Scattering[] _declared =
    [
        new("l.total AS \"Points\"", "The leaderboard of all time is everybody's: made once of their totals, kept by Redis from then on."),
        new("WHERE l.course_id = $1\nGROUP BY l.user_id", "The same for a course."),
        new("WHERE l.day >= $1 AND l.day < $2\nGROUP BY l.user_id", "The same for a week."),
        new("WHERE l.placed_entries < l.entries AND", "Whose entries no leaderboard has yet: nearly always nobody, looked for in the background."),
        new("l.user_id = ANY (", "The names of a leaderboard's page: as many people as it has rows. One question to each node, whatever their number."),
    ];

    [Fact]
    public void Every_table_says_where_its_rows_lie_and_can() => DistributedDatabase.ProblemsOf<GamificationDbContext>().ShouldBeEmpty();

    [Fact]
    public async Task Every_query_of_the_hot_paths_names_whose_rows_it_wants()
    {
        // Two, of whom one page of the leaderboard asks the names: their rows lie in different partitions.
        var (user, other) = (Guid.Parse("01980000-0000-7000-8000-000000000001"), Guid.Parse("01980000-0000-7000-8000-000000000002"));
        var client = service.SignedIn(user);
        var course = Guid.CreateVersion7();
        await service.HandledAsync(await service.RegisterAsync(user), await service.RegisterAsync(other));
        await service.HandledAsync(
            await service.CompleteLessonAsync(user, course), await service.CompleteLessonAsync(other, course),
            await service.Events.PublishAsync(new SubmissionApproved(Guid.CreateVersion7(), user, Guid.CreateVersion7(), "Top words", "accepted", 100, 12, 9000, 1)));
        await service.HasPointsAsync(user, 130);
        await service.PlacedAsync(user, other);
        foreach (var path in (string[])["/me", "/ledger", "/badges", "/leaderboard?scope=all", $"/leaderboard?scope=course:{course}", "/leaderboard?scope=week&around=me"])
            (await client.AskAsync(_path + path)).Status.ShouldBe(HttpStatusCode.OK, path);
        await service.Events.PublishAsync(new UserDeleted(user));
        await service.Events.ExpectAsync<UserErased>(1, e => e.UserId == user);

        // How the test itself waits for both.
        var seen = service.Database.Plans.Seen.Where(q => !q.Text.Contains("placed_entries = l.entries", StringComparison.Ordinal)).ToList();
        Scattering.Faults(seen, _declared).ShouldBeEmpty();
        seen.SelectMany(q => q.Partitions.Keys).Distinct().Order(StringComparer.Ordinal)
            .ShouldBe(DistributedDatabase.TablesOf<GamificationDbContext>());
    }
}
