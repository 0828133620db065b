using System.Net;
using TalentSphere.Contracts.Auth;
using TalentSphere.Contracts.Jobs;
using TalentSphere.Jobs.Data;
using TalentSphere.TestKit;

namespace TalentSphere.Jobs.Tests;

/// <summary>Who applies, and who reads the applications for a job, is answered by the node that has the job's.</summary>
public sealed class DistributionTests(DistributedFixture jobs) : IClassFixture<DistributedFixture>
{
    private static readonly Scattering[] _declared =
    [
        new("WHERE a.id = ", "The address of an application holds its id alone. One question, after which the rest asks where it lies."),
        new("WHERE a.user_id = ", "Somebody's own applications lie with the jobs that they are for."),
        new("DELETE FROM applications AS a", "The same, once for each account that goes."),
        new("WHERE r.user_id = ", "Whoever is erased may have reviewed any company. Once for each account that goes."),
    ];

    [Fact]
    public void Every_table_says_where_its_rows_lie_and_can() => DistributedDatabase.ProblemsOf<JobsDbContext>().ShouldBeEmpty();

    [Fact]
    public async Task Every_query_of_the_hot_paths_names_the_job_or_the_company_or_the_person()
    {
        jobs.Database.Plans.Forget();
        var c = await jobs.AppliedAsync();
        var (employer, candidate) = (c.Employer.Client, c.Candidate.Client);
        var reviews = $"/api/v1/companies/{c.Employer.CompanyId}/reviews";

        (await candidate.PostAsync($"/api/v1/jobs/{c.JobId}/apply", Sample.Application())).Code.ShouldBe("JOB_003");
        foreach (var path in (string[])[$"/api/v1/jobs/{c.JobId}", "/api/v1/jobs?q=boiler", "/api/v1/applications", $"/api/v1/applications/{c.ApplicationId}"])
            (await candidate.AskAsync(path)).Status.ShouldBe(HttpStatusCode.OK, path);
        (await employer.AskAsync($"/api/v1/jobs/{c.JobId}/applications")).Status.ShouldBe(HttpStatusCode.OK);
        (await employer.AskAsync($"/api/v1/applications/{c.ApplicationId}")).Status.ShouldBe(HttpStatusCode.OK);
        await c.Employer.MoveAsync(c.ApplicationId, "reviewing");
        (await candidate.PutAsync($"/api/v1/jobs/{c.JobId}/saved", (object?)null)).Status.ShouldBe(HttpStatusCode.NoContent);
        (await candidate.AskAsync("/api/v1/jobs/saved")).Status.ShouldBe(HttpStatusCode.OK);
        (await candidate.PostAsync(reviews, new { rating = 5, text = "Warm" })).Status.ShouldBe(HttpStatusCode.Created);
        (await candidate.AskAsync(reviews)).Status.ShouldBe(HttpStatusCode.OK);
        (await candidate.RemoveAsync($"/api/v1/jobs/{c.JobId}/saved")).Status.ShouldBe(HttpStatusCode.NoContent);
        (await employer.PostAsync($"/api/v1/jobs/{c.JobId}/close")).Status.ShouldBe(HttpStatusCode.OK);
        await jobs.Events.PublishAsync(new UserDeleted(c.Candidate.Id));
        await jobs.Events.ExpectAsync<UserErased>(1, e => e.UserId == c.Candidate.Id);

        var seen = jobs.Database.Plans.Seen;
        Scattering.Faults(seen, _declared).ShouldBeEmpty();
        seen.SelectMany(q => q.Partitions.Keys).Distinct().Order(StringComparer.Ordinal)
            .ShouldBe(DistributedDatabase.TablesOf<JobsDbContext>());
        // What Citus refuses on more than one node.
        seen.Where(q => q.IsScattered && q.Text.Contains("FOR UPDATE", StringComparison.Ordinal)).ShouldBeEmpty();
    }
}
