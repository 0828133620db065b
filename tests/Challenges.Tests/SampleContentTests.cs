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
        await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => LoadAsync()));
        (await CountAsync()).ShouldBe(before);
    }

    [Fact]
    public async Task Every_sample_challenge_has_its_solutions_and_shows_them_to_nobody()
    {
        var samples = await service.WithAsync<ChallengesDbContext, List<Challenge>>(db => db.Challenges.Include(c => c.Solutions).Where(c => c.Slug != null).ToListAsync());
        samples.ShouldAllBe(c => c.HasReferences && c.Solutions.Exists(s => s.Expected != "accepted"));
        var instructor = service.Instructor();
        foreach (var sample in samples)
            (await instructor.AskAsync($"{ChallengesFixture.Route}/{sample.Id}/solutions")).Status.ShouldBe(System.Net.HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_sample_challenge_of_an_earlier_version_gets_its_solutions()
    {
        var id = await service.WithAsync<ChallengesDbContext, Guid>(db => db.Challenges.Where(c => c.Slug == "peak-day").Select(c => c.Id).SingleAsync());
        await service.WithAsync<ChallengesDbContext, int>(db => db.Solutions.Where(s => s.ChallengeId == id).ExecuteDeleteAsync());
        await LoadAsync();
        (await service.WithAsync<ChallengesDbContext, List<string>>(db => db.Solutions.Where(s => s.ChallengeId == id).OrderBy(s => s.Name).Select(s => s.Name).ToListAsync()))
            .ShouldBe(["accepted.c", "accepted.py", "wrong_answer.py"]);
    }

    private async Task LoadAsync()
    {
        await using var scope = service.Services.CreateAsyncScope();
        foreach (var task in scope.ServiceProvider.GetServices<IStartupTask>())
            await task.RunAsync(scope.ServiceProvider, CancellationToken.None);
    }

    private Task<int> CountAsync() => service.WithAsync<ChallengesDbContext, int>(db => db.Challenges.CountAsync(c => c.Slug != null));
}
