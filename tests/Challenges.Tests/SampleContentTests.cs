using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using TalentSphere.Challenges.Catalogue;
using TalentSphere.Challenges.Data;
using TalentSphere.ServiceDefaults.Data;
using TalentSphere.TestKit;

namespace TalentSphere.Challenges.Tests;

public class SampleContentTests(ChallengesFixture service)
{
    [Fact]
    public async Task The_sample_challenges_are_there_published_and_complete()
    {
        var samples = await service.WithAsync<ChallengesDbContext, List<Challenge>>(db => db.Challenges.Include(c => c.TestCases).Where(c => c.Slug != null).ToListAsync());
        samples.Count.ShouldBeGreaterThanOrEqualTo(12);
        samples.ShouldAllBe(c => c.PublishedAt != null && c.IsComplete && c.Statement.Length > 100);
        var open = await service.Anonymous().AskAsync($"{ChallengesFixture.Route}?limit=100");
        samples.Select(c => c.Slug).ShouldBeSubsetOf(open.Data.AsArray().Select(c => c!["slug"]?.GetValue<string>()).OfType<string>());
    }

    [Fact]
    public async Task Loading_again_and_by_many_at_once_adds_nothing()
    {
        var before = await CountAsync();
        await Task.WhenAll(Enumerable.Range(0, 5).Select(async _ =>
        {
            await using var scope = service.Services.CreateAsyncScope();
            foreach (var task in scope.ServiceProvider.GetServices<IStartupTask>())
                await task.RunAsync(scope.ServiceProvider, CancellationToken.None);
        }));
        (await CountAsync()).ShouldBe(before);
    }

    [Fact]
    public void Reference_solutions_do_not_travel_with_the_service() =>
        Directory.GetFiles(AppContext.BaseDirectory, "*", SearchOption.AllDirectories).Where(f => f.Contains("solutions")).ShouldBeEmpty();

    private Task<int> CountAsync() => service.WithAsync<ChallengesDbContext, int>(db => db.Challenges.CountAsync(c => c.Slug != null));
}
