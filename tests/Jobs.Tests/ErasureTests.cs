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
    public async Task A_token_that_outlives_its_account_writes_nothing()
    {
        var (employer, job) = await jobs.OpenJobAsync();
        var candidate = jobs.Candidate();
        await jobs.Events.PublishAsync(new UserDeleted(candidate.Id));
        await jobs.Events.ExpectAsync<UserErased>(1, e => e.UserId == candidate.Id);

        (await candidate.Client.PutAsync($"/api/v1/jobs/{job}/saved", (object?)null)).Code.ShouldBe("AUTH_TOKEN_INVALID");
        var applied = await candidate.Client.PostAsync($"/api/v1/jobs/{job}/apply", Sample.Application());
        applied.Status.ShouldBe(HttpStatusCode.Unauthorized);
        applied.Headers.WwwAuthenticate.ToString().ShouldBe("Bearer error=\"invalid_token\"");
        (await candidate.Client.PostAsync($"/api/v1/companies/{employer.CompanyId}/reviews", new { rating = 1, text = "Cold" })).Status
            .ShouldBe(HttpStatusCode.Unauthorized);
        (await candidate.Client.AskAsync($"/api/v1/jobs/{job}")).Status.ShouldBe(HttpStatusCode.OK, "reading is nobody's loss");
    }

    [Fact]
    public async Task Whatever_a_candidate_does_while_they_are_erased_nothing_stays()
    {
        var openings = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => jobs.OpenJobAsync()));
        var candidate = jobs.Candidate();
        var writing = openings.SelectMany(o => (Task<Answer>[])
        [
            candidate.Client.PutAsync($"/api/v1/jobs/{o.JobId}/saved", (object?)null),
            candidate.Client.PostAsync($"/api/v1/jobs/{o.JobId}/apply", Sample.Application()),
            candidate.Client.PostAsync($"/api/v1/companies/{o.Employer.CompanyId}/reviews", new { rating = 1, text = "Cold" }),
        ]).ToList();
        await jobs.Events.PublishAsync(new UserDeleted(candidate.Id));
        var answers = await Task.WhenAll(writing);
        await jobs.Events.ExpectAsync<UserErased>(1, e => e.UserId == candidate.Id);

        answers.ShouldAllBe(a => a.Status == HttpStatusCode.Created || a.Status == HttpStatusCode.NoContent || a.Status == HttpStatusCode.Unauthorized);
        (await jobs.WithAsync<JobsDbContext, int>(async db =>
            await db.Applications.CountAsync(a => a.UserId == candidate.Id) + await db.Reviews.CountAsync(r => r.UserId == candidate.Id)
                + await db.SavedJobs.CountAsync(s => s.UserId == candidate.Id))).ShouldBe(0);
    }

    [Fact]
    public async Task A_deleted_employers_words_are_gone_and_whoever_applied_keeps_the_application()
    {
        var word = $"w{Guid.CreateVersion7():N}";
        var employer = await jobs.EmployerAsync($"{word} Works");
        var job = await employer.PostAsync(Sample.Post(employer.CompanyId, title: $"{word} engineer", description: $"Build {word}."));
        var candidate = jobs.Candidate();
        var c = new Case(employer, candidate, job, await candidate.ApplyAsync(job));
        (await employer.Client.AskAsync($"/api/v1/applications/{c.ApplicationId}")).Status.ShouldBe(HttpStatusCode.OK);
        (await Traces.InDatabaseAsync(jobs.ConnectionString, word)).ShouldNotBeEmpty();

        var message = await jobs.Events.PublishAsync(new UserDeleted(c.Employer.Id));
        await jobs.Events.PublishAsync(new UserDeleted(c.Employer.Id), message);

        await jobs.Events.ExpectAsync<UserErased>(1, e => e.UserId == c.Employer.Id);
        await jobs.Events.ExpectAsync<PostClosed>(1, e => e.JobId == c.JobId);
        (await jobs.Anonymous().AskAsync($"/api/v1/jobs/{c.JobId}")).Status.ShouldBe(HttpStatusCode.NotFound);
        (await jobs.Anonymous().AskAsync($"/api/v1/companies/{c.Employer.CompanyId}")).Status.ShouldBe(HttpStatusCode.NotFound);
        (await c.Employer.Client.AskAsync($"/api/v1/jobs/{c.JobId}/applications")).Status.ShouldBe(HttpStatusCode.NotFound);
        (await c.Candidate.Client.AskAsync("/api/v1/applications")).Data.AsArray().Single()!["jobTitle"]!.GetValue<string>().ShouldBe("A former post");
        (await c.Candidate.Client.PatchAsync($"/api/v1/applications/{c.ApplicationId}", new { status = "withdrawn" })).Status.ShouldBe(HttpStatusCode.OK);
        (await Traces.InDatabaseAsync(jobs.ConnectionString, word)).ShouldBeEmpty();
    }
}
