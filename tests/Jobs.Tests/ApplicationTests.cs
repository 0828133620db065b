using System.Net;
using TalentSphere.Contracts.Auth;
using TalentSphere.Contracts.Jobs;
using TalentSphere.TestKit;

namespace TalentSphere.Jobs.Tests;

public sealed class ApplicationTests(JobsFixture jobs)
{
    [Fact]
    public async Task A_candidate_applies_once_and_the_employer_hears_of_it()
    {
        var (employer, job) = await jobs.OpenJobAsync();
        var candidate = jobs.Candidate();

        var applied = await candidate.Client.PostAsync($"/api/v1/jobs/{job}/apply", Sample.Application());
        var again = await candidate.Client.PostAsync($"/api/v1/jobs/{job}/apply", Sample.Application());

        applied.Status.ShouldBe(HttpStatusCode.Created, applied.ToString());
        applied.Headers.Location!.ToString().ShouldBe($"/api/v1/applications/{applied.Id}");
        applied.Data["status"]!.GetValue<string>().ShouldBe("pending");
        applied.Data["jobTitle"]!.GetValue<string>().ShouldBe("Boiler Engineer");
        (again.Status, again.Code).ShouldBe((HttpStatusCode.Conflict, "JOB_003"));
        var heard = (await jobs.Events.ExpectAsync<ApplicationSubmitted>(1, e => e.JobId == job)).Single();
        heard.ShouldBe(new ApplicationSubmitted(applied.Id, job, employer.CompanyId, candidate.Id, employer.Id, "Boiler Engineer"));
    }

    [Fact]
    public async Task Both_sides_see_the_application_and_nobody_else_does()
    {
        var c = await jobs.AppliedAsync();
        var path = $"/api/v1/applications/{c.ApplicationId}";

        (await c.Candidate.Client.AskAsync(path)).Data["coverLetter"]!.GetValue<string>().ShouldBe("Good day,\nI brew.");
        (await c.Employer.Client.AskAsync(path)).Data["resumeUrl"]!.GetValue<string>().ShouldBe("https://files.example/resume.pdf");
        var received = await c.Employer.Client.AskAsync($"/api/v1/jobs/{c.JobId}/applications");
        received.Data.AsArray().Single()!["userId"]!.GetValue<Guid>().ShouldBe(c.Candidate.Id);
        (await c.Candidate.Client.AskAsync("/api/v1/applications")).Data.AsArray().Single()!["id"]!.GetValue<Guid>().ShouldBe(c.ApplicationId);

        foreach (var stranger in (Person[])[await jobs.EmployerAsync(), jobs.Candidate(), jobs.Somebody(Roles.Admin)])
        {
            (await stranger.Client.AskAsync(path)).Status.ShouldBe(HttpStatusCode.NotFound);
            (await stranger.Client.PatchAsync(path, new { status = "reviewing" })).Status.ShouldBe(HttpStatusCode.NotFound);
            (await stranger.Client.PatchAsync(path, new { status = "withdrawn" })).Status.ShouldBe(HttpStatusCode.NotFound);
            (await stranger.Client.AskAsync($"/api/v1/jobs/{c.JobId}/applications")).Status.ShouldBe(HttpStatusCode.NotFound);
            (await stranger.Client.AskAsync("/api/v1/applications")).Data.AsArray().ShouldBeEmpty();
        }
        (await c.Candidate.Client.AskAsync($"/api/v1/jobs/{c.JobId}/applications")).Status.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task The_first_look_of_the_employer_is_announced_once()
    {
        var c = await jobs.AppliedAsync();
        var path = $"/api/v1/applications/{c.ApplicationId}";
        (await c.Candidate.Client.AskAsync(path)).Data["viewedAt"].ShouldBeNull();

        var looks = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => c.Employer.Client.AskAsync(path)));

        looks.ShouldAllBe(l => l.Status == HttpStatusCode.OK);
        looks.Select(l => l.Data["viewedAt"]!.GetValue<string>()).Distinct().Count().ShouldBe(1);
        (await c.Candidate.Client.AskAsync(path)).Data["viewedAt"].ShouldNotBeNull();
        // Events of one application arrive in order: behind the move there is nothing more to come.
        await c.Employer.MoveAsync(c.ApplicationId, "reviewing");
        await jobs.Events.ExpectAsync<ApplicationStatusChanged>(1, e => e.ApplicationId == c.ApplicationId);
        jobs.Events.Of<ApplicationViewed>(e => e.ApplicationId == c.ApplicationId)
            .ShouldBe([new ApplicationViewed(c.ApplicationId, c.JobId, c.Employer.CompanyId, c.Candidate.Id, "Boiler Engineer", c.Employer.Id)]);
    }

    [Theory]
    [InlineData("accepted")]
    [InlineData("rejected")]
    public async Task The_employer_moves_it_to_a_decision_and_the_candidate_hears_once_per_move(string decision)
    {
        var c = await jobs.AppliedAsync();

        await c.Employer.MoveAsync(c.ApplicationId, "reviewing");
        await c.Employer.MoveAsync(c.ApplicationId, "reviewing");
        await c.Employer.MoveAsync(c.ApplicationId, decision);
        await c.Employer.MoveAsync(c.ApplicationId, decision);

        (await c.Candidate.Client.AskAsync($"/api/v1/applications/{c.ApplicationId}")).Data["status"]!.GetValue<string>().ShouldBe(decision);
        var back = await c.Employer.Client.PatchAsync($"/api/v1/applications/{c.ApplicationId}", new { status = "reviewing" });
        (back.Status, back.Code).ShouldBe((HttpStatusCode.Conflict, "JOB_INVALID_TRANSITION"));
        var late = await c.Candidate.Client.PatchAsync($"/api/v1/applications/{c.ApplicationId}", new { status = "withdrawn" });
        late.Code.ShouldBe("JOB_INVALID_TRANSITION");
        var heard = await jobs.Events.ExpectAsync<ApplicationStatusChanged>(2, e => e.ApplicationId == c.ApplicationId);
        heard.Select(e => (e.From, e.To)).ShouldBe([("pending", "reviewing"), ("reviewing", decision)]);
        heard.ShouldAllBe(e => e.UserId == c.Candidate.Id && e.EmployerId == c.Employer.Id
            && e.JobTitle == "Boiler Engineer" && e.CompanyId == c.Employer.CompanyId);
    }

    [Fact]
    public async Task A_decision_needs_a_review_first()
    {
        var c = await jobs.AppliedAsync();

        foreach (var status in (string[])["accepted", "rejected"])
            (await c.Employer.Client.PatchAsync($"/api/v1/applications/{c.ApplicationId}", new { status })).Code.ShouldBe("JOB_INVALID_TRANSITION");
    }

    [Fact]
    public async Task The_candidate_withdraws_and_nothing_moves_after_that()
    {
        var c = await jobs.AppliedAsync();
        var path = $"/api/v1/applications/{c.ApplicationId}";

        (await c.Candidate.Client.PatchAsync(path, new { status = "withdrawn" })).Data["status"]!.GetValue<string>().ShouldBe("withdrawn");
        (await c.Candidate.Client.PatchAsync(path, new { status = "withdrawn" })).Status.ShouldBe(HttpStatusCode.OK);

        (await c.Employer.Client.PatchAsync(path, new { status = "reviewing" })).Code.ShouldBe("JOB_INVALID_TRANSITION");
        (await c.Candidate.Client.PostAsync($"/api/v1/jobs/{c.JobId}/apply", Sample.Application())).Code.ShouldBe("JOB_003");
        (await jobs.Events.ExpectAsync<ApplicationStatusChanged>(1, e => e.ApplicationId == c.ApplicationId)).Single().To.ShouldBe("withdrawn");
    }

    [Fact]
    public async Task Neither_side_decides_for_the_other()
    {
        var c = await jobs.AppliedAsync();
        var path = $"/api/v1/applications/{c.ApplicationId}";

        (await c.Employer.Client.PatchAsync(path, new { status = "withdrawn" })).Status.ShouldBe(HttpStatusCode.Forbidden);
        foreach (var status in (string[])["pending", "reviewing", "accepted", "rejected"])
            (await c.Candidate.Client.PatchAsync(path, new { status })).Status.ShouldBe(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task A_move_over_a_newer_version_is_refused()
    {
        var c = await jobs.AppliedAsync();
        var path = $"/api/v1/applications/{c.ApplicationId}";
        var tag = (await c.Employer.Client.AskAsync(path)).Headers.ETag!.Tag;
        (await c.Employer.Client.WithIfMatchAsync(HttpMethod.Patch, path, tag, new { status = "reviewing" })).Status.ShouldBe(HttpStatusCode.OK);

        (await c.Employer.Client.WithIfMatchAsync(HttpMethod.Patch, path, tag, new { status = "accepted" })).Status.ShouldBe(HttpStatusCode.PreconditionFailed);
    }

    [Fact]
    public async Task A_closed_unknown_or_own_job_takes_no_application()
    {
        var (employer, job) = await jobs.OpenJobAsync();
        var both = jobs.SignedIn(employer.Id, Roles.Employer, Roles.JobSeeker);

        var own = await both.PostAsync($"/api/v1/jobs/{job}/apply", Sample.Application());
        await employer.Client.PostAsync($"/api/v1/jobs/{job}/close");
        var closed = await jobs.Candidate().Client.PostAsync($"/api/v1/jobs/{job}/apply", Sample.Application());
        var unknown = await jobs.Candidate().Client.PostAsync($"/api/v1/jobs/{Guid.CreateVersion7()}/apply", Sample.Application());

        (own.Status, own.Code).ShouldBe((HttpStatusCode.Forbidden, "JOB_OWN_POST"));
        (closed.Status, closed.Code).ShouldBe((HttpStatusCode.Conflict, "JOB_002"));
        (unknown.Status, unknown.Code).ShouldBe((HttpStatusCode.NotFound, "JOB_001"));
    }

    [Fact]
    public async Task Lists_are_paged()
    {
        var (employer, job) = await jobs.OpenJobAsync();
        var ids = new List<Guid>();
        foreach (var candidate in Enumerable.Range(0, 3).Select(_ => jobs.Candidate()))
            ids.Add(await candidate.ApplyAsync(job));

        var first = await employer.Client.AskAsync($"/api/v1/jobs/{job}/applications?limit=2");
        var second = await employer.Client.AskAsync($"/api/v1/jobs/{job}/applications?limit=2&page=2");

        first.Data.AsArray().Concat(second.Data.AsArray()).Select(a => a!["id"]!.GetValue<Guid>()).ShouldBe(ids);
        first.Json["meta"]!["total"]!.GetValue<int>().ShouldBe(3);
    }
}
