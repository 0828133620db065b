using System.Net;
using TalentSphere.Contracts.Auth;
using TalentSphere.Contracts.Jobs;
using TalentSphere.TestKit;

namespace TalentSphere.Jobs.Tests;

public sealed class JobTests(JobsFixture jobs)
{
    [Fact]
    public async Task A_posted_job_is_read_as_it_was_written_and_announced()
    {
        var (employer, job) = await jobs.OpenJobAsync();

        var read = await jobs.Anonymous().AskAsync($"/api/v1/jobs/{job}");

        read.Status.ShouldBe(HttpStatusCode.OK, read.ToString());
        var data = read.Data;
        data["title"]!.GetValue<string>().ShouldBe("Boiler Engineer");
        data["companyId"]!.GetValue<Guid>().ShouldBe(employer.CompanyId);
        data["companyName"]!.GetValue<string>().ShouldBe("Copper Kettle Works");
        data["type"]!.GetValue<string>().ShouldBe("full-time");
        data["status"]!.GetValue<string>().ShouldBe("open");
        data["salary"]!.ToJsonString().ShouldBe("""{"min":40000,"max":60000,"currency":"EUR"}""");
        data["tags"]!.AsArray().Select(t => t!.GetValue<string>()).ShouldBe(["heat", "copper"]);
        data["createdAt"]!.GetValue<string>().ShouldEndWith("Z");
        read.Headers.CacheControl!.Public.ShouldBeTrue();
        read.Headers.Vary.ShouldContain("Accept");
        var created = (await jobs.Events.ExpectAsync<PostCreated>(1, e => e.JobId == job)).Single();
        created.ShouldBe(new PostCreated(job, employer.CompanyId, "Boiler Engineer", employer.Id));
    }

    [Fact]
    public async Task A_job_may_keep_its_salary_to_itself()
    {
        var employer = await jobs.EmployerAsync();
        var job = await employer.PostAsync(new { companyId = employer.CompanyId, title = "T", description = "D", location = "L", type = "contract" });

        var read = await jobs.Anonymous().AskAsync($"/api/v1/jobs/{job}");

        read.Data["salary"].ShouldBeNull();
        read.Data["requirements"]!.AsArray().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_job_is_posted_for_a_company_of_ones_own()
    {
        var employer = await jobs.EmployerAsync();
        var other = jobs.Somebody(Roles.Employer);

        var refused = await other.Client.PostAsync("/api/v1/jobs", Sample.Post(employer.CompanyId));
        var unknown = await other.Client.PostAsync("/api/v1/jobs", Sample.Post(Guid.CreateVersion7()));

        (refused.Status, refused.Code).ShouldBe((HttpStatusCode.Forbidden, "COMPANY_002"));
        (unknown.Status, unknown.Code).ShouldBe((HttpStatusCode.NotFound, "COMPANY_001"));
    }

    [Fact]
    public async Task A_changed_job_is_announced_and_the_same_text_again_is_no_news()
    {
        var (employer, job) = await jobs.OpenJobAsync();
        var text = Sample.Post(employer.CompanyId, "Chief Boiler Engineer");

        var changed = await employer.Client.PutAsync($"/api/v1/jobs/{job}", text);
        var again = await employer.Client.PutAsync($"/api/v1/jobs/{job}", text);
        await employer.Client.PostAsync($"/api/v1/jobs/{job}/close");

        changed.Data["title"]!.GetValue<string>().ShouldBe("Chief Boiler Engineer");
        again.Headers.ETag!.Tag.ShouldBe(changed.Headers.ETag!.Tag);
        // Events of one job arrive in order: when the closing is there, so is everything before it.
        await jobs.Events.ExpectAsync<PostClosed>(1, e => e.JobId == job);
        jobs.Events.Of<PostUpdated>(e => e.JobId == job).Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_change_over_a_newer_version_is_refused()
    {
        var (employer, job) = await jobs.OpenJobAsync();
        var path = $"/api/v1/jobs/{job}";
        var tag = (await jobs.Anonymous().AskAsync(path)).Headers.ETag!.Tag;
        (await employer.Client.WithIfMatchAsync(HttpMethod.Put, path, tag, Sample.Post(employer.CompanyId, "Second"))).Status.ShouldBe(HttpStatusCode.OK);
        var third = Sample.Post(employer.CompanyId, "Third");

        (await employer.Client.WithIfMatchAsync(HttpMethod.Put, path, tag, third)).Status.ShouldBe(HttpStatusCode.PreconditionFailed);
        (await employer.Client.WithIfMatchAsync(HttpMethod.Delete, path, tag)).Status.ShouldBe(HttpStatusCode.PreconditionFailed);
    }

    [Fact]
    public async Task Closing_twice_and_in_parallel_announces_it_once_and_the_job_stays_visible()
    {
        var (employer, job) = await jobs.OpenJobAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => employer.Client.PostAsync($"/api/v1/jobs/{job}/close")));
        (await employer.Client.RemoveAsync($"/api/v1/jobs/{job}/saved")).Status.ShouldBe(HttpStatusCode.NoContent);

        answers.ShouldAllBe(a => a.Status == HttpStatusCode.OK && a.Data["status"]!.GetValue<string>() == "closed");
        answers.Select(a => a.Data["closedAt"]!.GetValue<string>()).Distinct().Count().ShouldBe(1);
        (await jobs.Anonymous().AskAsync($"/api/v1/jobs/{job}")).Data["status"]!.GetValue<string>().ShouldBe("closed");
        (await employer.Client.PutAsync($"/api/v1/jobs/{job}", Sample.Post(employer.CompanyId))).Code.ShouldBe("JOB_002");
        await QuietAfterAsync(employer);
        jobs.Events.Of<PostClosed>(e => e.JobId == job).Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_withdrawn_job_is_gone_but_its_applications_are_not()
    {
        var c = await jobs.AppliedAsync();

        (await c.Employer.Client.RemoveAsync($"/api/v1/jobs/{c.JobId}")).Status.ShouldBe(HttpStatusCode.NoContent);

        (await c.Employer.Client.RemoveAsync($"/api/v1/jobs/{c.JobId}")).Code.ShouldBe("JOB_001");
        (await jobs.Anonymous().AskAsync($"/api/v1/jobs/{c.JobId}")).Code.ShouldBe("JOB_001");
        (await jobs.Candidate().Client.PostAsync($"/api/v1/jobs/{c.JobId}/apply", Sample.Application())).Code.ShouldBe("JOB_001");
        (await c.Candidate.Client.AskAsync("/api/v1/applications")).Data.AsArray().Single()!["jobTitle"]!.GetValue<string>().ShouldBe("Boiler Engineer");
        (await c.Employer.Client.AskAsync($"/api/v1/jobs/{c.JobId}/applications")).Data.AsArray().Count.ShouldBe(1);
        await c.Employer.MoveAsync(c.ApplicationId, "reviewing");
        await jobs.Events.ExpectAsync<PostClosed>(1, e => e.JobId == c.JobId);
    }

    [Fact]
    public async Task Another_employers_job_is_not_yours_to_change()
    {
        var (employer, job) = await jobs.OpenJobAsync();
        var other = await jobs.EmployerAsync();

        foreach (var answer in (Answer[])
            [
                await other.Client.PutAsync($"/api/v1/jobs/{job}", Sample.Post(other.CompanyId)),
                await other.Client.RemoveAsync($"/api/v1/jobs/{job}"),
                await other.Client.PostAsync($"/api/v1/jobs/{job}/close"),
            ])
            (answer.Status, answer.Code).ShouldBe((HttpStatusCode.Forbidden, "COMPANY_002"));
        (await jobs.Anonymous().AskAsync($"/api/v1/jobs/{job}")).Data["companyId"]!.GetValue<Guid>().ShouldBe(employer.CompanyId);
    }

    [Fact]
    public async Task As_linked_data_a_job_is_a_schema_org_JobPosting_without_the_envelope()
    {
        var employer = await jobs.EmployerAsync();
        await employer.Client.PutAsync($"/api/v1/companies/{employer.CompanyId}", new { name = "Copper Kettle Works", website = "https://kettle.example" });
        var job = await employer.PostAsync();
        var path = $"/api/v1/jobs/{job}";

        var document = await jobs.Anonymous().AskAsAsync(path, "application/ld+json");

        document.Status.ShouldBe(HttpStatusCode.OK);
        document.Json["@context"]!.GetValue<string>().ShouldBe("https://schema.org");
        document.Json["@type"]!.GetValue<string>().ShouldBe("JobPosting");
        document.Json["title"]!.GetValue<string>().ShouldBe("Boiler Engineer");
        document.Json["employmentType"]!.GetValue<string>().ShouldBe("FULL_TIME");
        document.Json["hiringOrganization"]!.ToJsonString()
            .ShouldBe("""{"@type":"Organization","name":"Copper Kettle Works","sameAs":"https://kettle.example"}""");
        document.Json["jobLocation"]!["address"]!["addressLocality"]!.GetValue<string>().ShouldBe("Leipzig");
        document.Json["baseSalary"]!["value"]!["maxValue"]!.GetValue<int>().ShouldBe(60_000);
        document.Json["validThrough"].ShouldBeNull();
        document.Json["directApply"]!.GetValue<bool>().ShouldBeTrue();
        document.Headers.Vary.ShouldContain("Accept");
        var plain = await jobs.Anonymous().AskAsAsync(path, "application/json, application/ld+json;q=0.5");
        plain.Json["success"]!.GetValue<bool>().ShouldBeTrue();
        plain.Headers.ETag!.Tag.ShouldNotBe(document.Headers.ETag!.Tag);

        await employer.Client.PostAsync(path + "/close");
        (await jobs.Anonymous().AskAsAsync(path, "application/ld+json")).Json["validThrough"]!.GetValue<string>().ShouldEndWith("Z");
    }

    [Fact]
    public async Task Jobs_are_saved_once_listed_last_first_and_forgotten()
    {
        var employer = await jobs.EmployerAsync();
        var (first, second, gone) = (await employer.PostAsync(), await employer.PostAsync(), await employer.PostAsync());
        var reader = jobs.Candidate();
        foreach (var job in (Guid[])[first, second, gone])
            (await reader.Client.PutAsync($"/api/v1/jobs/{job}/saved", (object?)null)).Status.ShouldBe(HttpStatusCode.NoContent);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ =>
            (await reader.Client.PutAsync($"/api/v1/jobs/{first}/saved", (object?)null)).Status.ShouldBe(HttpStatusCode.NoContent)));
        await employer.Client.PostAsync($"/api/v1/jobs/{first}/close");
        await employer.Client.RemoveAsync($"/api/v1/jobs/{gone}");

        var saved = await reader.Client.AskAsync("/api/v1/jobs/saved");

        saved.Data.AsArray().Select(j => j!["id"]!.GetValue<Guid>()).ShouldBe([second, first]);
        saved.Data[1]!["status"]!.GetValue<string>().ShouldBe("closed");
        saved.Json["meta"]!["total"]!.GetValue<int>().ShouldBe(2);
        saved.Headers.CacheControl!.NoStore.ShouldBeTrue();
        (await reader.Client.RemoveAsync($"/api/v1/jobs/{first}/saved")).Status.ShouldBe(HttpStatusCode.NoContent);
        (await reader.Client.RemoveAsync($"/api/v1/jobs/{first}/saved")).Status.ShouldBe(HttpStatusCode.NoContent);
        (await reader.Client.AskAsync("/api/v1/jobs/saved")).Data.AsArray().Count.ShouldBe(1);
        (await jobs.Candidate().Client.AskAsync("/api/v1/jobs/saved")).Data.AsArray().ShouldBeEmpty();
        (await reader.Client.PutAsync($"/api/v1/jobs/{Guid.CreateVersion7()}/saved", (object?)null)).Code.ShouldBe("JOB_001");
    }

    /// <summary>Waits for an event that was recorded later than everything so far; the relay publishes in the order of recording.</summary>
    private async Task QuietAfterAsync(Employer employer)
    {
        var marker = await employer.PostAsync();
        await jobs.Events.ExpectAsync<PostCreated>(1, e => e.JobId == marker);
    }
}
