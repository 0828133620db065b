using System.Net;
using Microsoft.EntityFrameworkCore;
using TalentSphere.Contracts.Auth;
using TalentSphere.Contracts.Jobs;
using TalentSphere.Jobs.Data;
using TalentSphere.TestKit;

namespace TalentSphere.Jobs.Tests;

public sealed class ErasureTests(JobsFixture jobs)
{
    [Fact]
    public async Task A_deleted_candidate_leaves_nothing_behind()
    {
        var c = await jobs.AppliedAsync();
        var id = c.Candidate.Id;
        await c.Candidate.Client.PutAsync($"/api/v1/jobs/{c.JobId}/saved", (object?)null);
        await c.Candidate.Client.PostAsync($"/api/v1/companies/{c.Employer.CompanyId}/reviews", new { rating = 1, text = "Cold" });
        await jobs.Candidate().Client.PostAsync($"/api/v1/companies/{c.Employer.CompanyId}/reviews", new { rating = 5, text = "Warm" });

        await jobs.Events.PublishAsync(new UserDeleted(id));

        (await jobs.Events.ExpectAsync<UserErased>(1, e => e.UserId == id)).Single().Records.ShouldBe(3);
        var left = await jobs.WithAsync<JobsDbContext, int>(async db =>
            await db.Applications.CountAsync(a => a.UserId == id) + await db.Reviews.CountAsync(r => r.UserId == id)
                + await db.SavedJobs.CountAsync(s => s.UserId == id));
        left.ShouldBe(0);
        var rating = (await jobs.Anonymous().AskAsync($"/api/v1/companies/{c.Employer.CompanyId}")).Data["rating"]!;
        (rating["average"]!.GetValue<decimal>(), rating["count"]!.GetValue<int>()).ShouldBe((5m, 1));
        (await c.Employer.Client.AskAsync($"/api/v1/applications/{c.ApplicationId}")).Status.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_deleted_employers_posts_are_closed_and_the_company_is_nobodys()
    {
        var c = await jobs.AppliedAsync();

        var message = await jobs.Events.PublishAsync(new UserDeleted(c.Employer.Id));
        await jobs.Events.PublishAsync(new UserDeleted(c.Employer.Id), message);

        await jobs.Events.ExpectAsync<UserErased>(1, e => e.UserId == c.Employer.Id);
        await jobs.Events.ExpectAsync<PostClosed>(1, e => e.JobId == c.JobId);
        (await jobs.Anonymous().AskAsync($"/api/v1/jobs/{c.JobId}")).Data["status"]!.GetValue<string>().ShouldBe("closed");
        (await c.Employer.Client.AskAsync($"/api/v1/jobs/{c.JobId}/applications")).Status.ShouldBe(HttpStatusCode.NotFound);
        (await c.Candidate.Client.AskAsync("/api/v1/applications")).Data.AsArray().Count.ShouldBe(1);
    }
}
