using System.Net;
using Microsoft.EntityFrameworkCore;
using TalentSphere.Contracts.Jobs;
using TalentSphere.Jobs.Data;
using TalentSphere.TestKit;

namespace TalentSphere.Jobs.Tests;

/// <summary>The same at the same time.</summary>
public sealed class RaceTests(JobsFixture jobs)
{
    [Fact]
    public async Task Twenty_parallel_applications_of_one_person_are_one()
    {
        var (_, job) = await jobs.OpenJobAsync();
        var candidate = jobs.Candidate();

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => candidate.Client.PostAsync($"/api/v1/jobs/{job}/apply", Sample.Application())));

        answers.Count(a => a.Status == HttpStatusCode.Created).ShouldBe(1);
        answers.Count(a => a.Status == HttpStatusCode.Conflict && a.Code == "JOB_003").ShouldBe(19);
        await jobs.Events.ExpectAsync<ApplicationSubmitted>(1, e => e.JobId == job);
    }

    [Fact]
    public async Task Parallel_equal_moves_are_one_move()
    {
        var c = await jobs.AppliedAsync();

        await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => c.Employer.MoveAsync(c.ApplicationId, "reviewing")));
        await c.Employer.MoveAsync(c.ApplicationId, "accepted");

        var heard = await jobs.Events.ExpectAsync<ApplicationStatusChanged>(2, e => e.ApplicationId == c.ApplicationId);
        heard.Select(e => e.To).ShouldBe(["reviewing", "accepted"]);
    }

    [Fact]
    public async Task Of_contrary_decisions_at_the_same_moment_one_wins()
    {
        var c = await jobs.AppliedAsync();
        await c.Employer.MoveAsync(c.ApplicationId, "reviewing");
        var path = $"/api/v1/applications/{c.ApplicationId}";

        var answers = await Task.WhenAll(
            c.Employer.Client.PatchAsync(path, new { status = "accepted" }),
            c.Employer.Client.PatchAsync(path, new { status = "rejected" }),
            c.Candidate.Client.PatchAsync(path, new { status = "withdrawn" }));

        answers.Count(a => a.Status == HttpStatusCode.OK).ShouldBe(1, string.Join('\n', answers.Select(a => a.ToString())));
        answers.Count(a => a.Code == "JOB_INVALID_TRANSITION").ShouldBe(2);
        var winner = answers.Single(a => a.Status == HttpStatusCode.OK).Data["status"]!.GetValue<string>();
        var heard = await jobs.Events.ExpectAsync<ApplicationStatusChanged>(2, e => e.ApplicationId == c.ApplicationId);
        heard[1].To.ShouldBe(winner);
    }

    [Fact]
    public async Task No_application_slips_in_after_the_closing()
    {
        for (var round = 0; round < 5; round++)
        {
            var (employer, job) = await jobs.OpenJobAsync();
            var candidates = Enumerable.Range(0, 12).Select(_ => jobs.Candidate()).ToList();

            var closing = employer.Client.PostAsync($"/api/v1/jobs/{job}/close");
            var answers = await Task.WhenAll(candidates.Select(c => c.Client.PostAsync($"/api/v1/jobs/{job}/apply", Sample.Application())));
            (await closing).Status.ShouldBe(HttpStatusCode.OK);

            answers.ShouldAllBe(a => a.Status == HttpStatusCode.Created || a.Code == "JOB_002");
            var accepted = answers.Count(a => a.Status == HttpStatusCode.Created);
            (await jobs.WithAsync<JobsDbContext, int>(db => db.Applications.CountAsync(a => a.JobId == job))).ShouldBe(accepted);
            // The order of committing: every application's event stands before the closing's.
            await jobs.Events.ExpectAsync<PostClosed>(1, e => e.JobId == job);
            jobs.Events.Of<ApplicationSubmitted>(e => e.JobId == job).Count.ShouldBe(accepted);
        }
    }

    [Fact]
    public async Task Parallel_changes_of_one_post_all_pass_one_after_the_other()
    {
        var (employer, job) = await jobs.OpenJobAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 8)
            .Select(n => employer.Client.PutAsync($"/api/v1/jobs/{job}", Sample.Post(employer.CompanyId, $"Title {n}"))));

        answers.ShouldAllBe(a => a.Status == HttpStatusCode.OK);
        var heard = await jobs.Events.ExpectAsync<PostUpdated>(8, e => e.JobId == job);
        (await jobs.Anonymous().AskAsync($"/api/v1/jobs/{job}")).Data["title"]!.GetValue<string>().ShouldBe(heard[^1].Title);
    }
}
