using System.Diagnostics;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using TalentSphere.Contracts.Jobs;
using TalentSphere.Jobs.Data;
using TalentSphere.Jobs.Samples;
using TalentSphere.ServiceDefaults.Auth;
using TalentSphere.TestKit;

namespace TalentSphere.Jobs.Tests;

public sealed class SampleContentTests(JobsFixture jobs)
{
    [Fact]
    public async Task Samples_are_loaded_once_by_any_number_of_replicas_and_without_events()
    {
        await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => LoadAsync()));
        var first = await CountAsync();
        var watch = Stopwatch.StartNew();
        await LoadAsync();
        watch.Stop();

        first.Companies.ShouldBeGreaterThanOrEqualTo(5);
        first.Posts.ShouldBeGreaterThanOrEqualTo(25);
        (await CountAsync()).ShouldBe(first);
        watch.ElapsedMilliseconds.ShouldBeLessThan(1000);
        var found = await jobs.Anonymous().AskAsync("/api/v1/jobs?q=engineer");
        found.Json["meta"]!["total"]!.GetValue<int>().ShouldBeGreaterThan(0);
        var employer = await jobs.EmployerAsync();
        var marker = await employer.PostAsync();
        await jobs.Events.ExpectAsync<PostCreated>(1, e => e.JobId == marker);
        var samples = await jobs.WithAsync<JobsDbContext, List<Guid>>(db => db.Jobs.Where(j => j.Slug != null).Select(j => j.Id).ToListAsync());
        jobs.Events.Of<PostCreated>(e => samples.Contains(e.JobId)).ShouldBeEmpty();
    }

    private Task<bool> LoadAsync() => jobs.WithAsync<JobsDbContext, bool>(async db =>
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new("SampleContent:Load", "true")]).Build();
        var environment = jobs.Services.GetRequiredService<IHostEnvironment>();
        await new LoadSampleContent(db, configuration, environment, NullLogger<LoadSampleContent>.Instance)
            .RunAsync(jobs.Services, TestContext.Current.CancellationToken);
        return true;
    });

    private Task<(int Companies, int Posts)> CountAsync() => jobs.WithAsync<JobsDbContext, (int, int)>(async db =>
        (await db.Companies.CountAsync(c => c.OwnerId == SystemAccount.Id && c.Slug != null), await db.Jobs.CountAsync(j => j.Slug != null)));
}
