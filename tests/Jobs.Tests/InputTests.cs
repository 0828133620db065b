using System.Net;
using System.Text;
using TalentSphere.Contracts.Auth;
using TalentSphere.TestKit;

namespace TalentSphere.Jobs.Tests;

/// <summary>What callers send wrongly.</summary>
public sealed class InputTests(JobsFixture jobs)
{
    private static string Long(int length) => new('x', length);

    [Fact]
    public async Task A_company_with_everything_wrong_names_every_field()
    {
        var client = jobs.Somebody(Roles.Employer).Client;

        (await client.PostAsync("/api/v1/companies", new { })).Fields.ShouldBe(["name"]);
        (await client.PostAsync("/api/v1/companies", new { name = "  " })).Fields.ShouldBe(["name"]);
        var answer = await client.PostAsync("/api/v1/companies", new
        {
            name = Long(201),
            website = "ftp://x.example",
            industry = Long(101),
            size = "many",
            location = "a\nb",
            description = Long(10_001),
        });
        answer.Status.ShouldBe(HttpStatusCode.UnprocessableEntity);
        answer.Code.ShouldBe("VALIDATION_FAILED");
        answer.Fields.ShouldBe(["description", "industry", "location", "name", "size", "website"]);
    }

    [Fact]
    public async Task A_job_with_everything_wrong_names_every_field()
    {
        var employer = await jobs.EmployerAsync();

        (await employer.Client.PostAsync("/api/v1/jobs", new { })).Fields.ShouldBe(["companyId", "description", "location", "title", "type"]);
        var answer = await employer.Client.PostAsync("/api/v1/jobs", new
        {
            companyId = employer.CompanyId,
            title = Long(201),
            description = "nul \0",
            requirements = Enumerable.Repeat("x", 51),
            location = Long(201),
            type = "full-time",
            salary = new { min = 10, max = 9, currency = "EURO" },
            tags = new[] { "ok", " " },
        });
        answer.Status.ShouldBe(HttpStatusCode.UnprocessableEntity);
        answer.Fields.ShouldBe(["description", "location", "requirements", "salary.currency", "salary.max", "tags", "title"]);
        var put = await employer.Client.PutAsync($"/api/v1/jobs/{await employer.PostAsync()}", new { title = "T", requirements = new string?[] { null } });
        put.Fields.ShouldBe(["description", "location", "requirements", "type"]);
    }

    [Theory]
    [InlineData(-1, 10, "salary.min")]
    [InlineData(0, 10_000_001, "salary.max")]
    [InlineData(2, 1, "salary.max")]
    public async Task A_salary_is_a_range_within_reason(int min, int max, string field)
    {
        var employer = await jobs.EmployerAsync();

        (await employer.Client.PostAsync("/api/v1/jobs", Sample.Post(employer.CompanyId, min: min, max: max))).Fields.ShouldBe([field]);
    }

    [Fact]
    public async Task A_salary_may_be_nothing_or_one_figure_or_the_most()
    {
        var employer = await jobs.EmployerAsync();

        await employer.PostAsync(Sample.Post(employer.CompanyId, min: 0, max: 0));
        await employer.PostAsync(Sample.Post(employer.CompanyId, min: 10_000_000, max: 10_000_000));
    }

    [Fact]
    public async Task Wrong_types_are_named_too()
    {
        var employer = await jobs.EmployerAsync();

        var wrong = new { companyId = "x", title = 1, description = "D", location = "L", type = "gig", requirements = "r", tags = 1 };
        (await employer.Client.PostAsync("/api/v1/jobs", wrong)).Fields.ShouldBe(["companyId", "requirements", "tags", "title", "type"]);
        var numbered = new { companyId = employer.CompanyId, title = "T", description = "D", location = "L", type = 0 };
        (await employer.Client.PostAsync("/api/v1/jobs", numbered)).Fields.ShouldBe(["type"]);
        (await jobs.Candidate().Client.PatchAsync($"/api/v1/applications/{Guid.CreateVersion7()}", new { status = "hired" })).Fields.ShouldBe(["status"]);
        (await jobs.Candidate().Client.PatchAsync($"/api/v1/applications/{Guid.CreateVersion7()}", new { })).Fields.ShouldBe(["status"]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(6)]
    [InlineData(-5)]
    public async Task A_rating_has_one_to_five_stars(int rating)
    {
        var employer = await jobs.EmployerAsync();

        (await jobs.Candidate().Client.PostAsync($"/api/v1/companies/{employer.CompanyId}/reviews", new { rating, text = "" }))
            .Fields.ShouldBe(["rating", "text"]);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("resume.pdf")]
    [InlineData("/resume.pdf")]
    [InlineData("//files.example/resume.pdf")]
    [InlineData("javascript:alert(1)")]
    [InlineData("file:///etc/passwd")]
    [InlineData("data:text/html,x")]
    [InlineData("https://")]
    [InlineData("https://me:secret@files.example/resume.pdf")]
    [InlineData("https://files.example/\u0000")]
    public async Task A_resume_is_an_absolute_http_address(string? resumeUrl)
    {
        var (_, job) = await jobs.OpenJobAsync();

        var answer = await jobs.Candidate().Client.PostAsync($"/api/v1/jobs/{job}/apply", new { resumeUrl, coverLetter = "" });

        answer.Status.ShouldBe(HttpStatusCode.UnprocessableEntity, answer.ToString());
        answer.Fields.ShouldBe(["resumeUrl"]);
    }

    [Fact]
    public async Task An_application_with_everything_wrong_names_every_field()
    {
        var (_, job) = await jobs.OpenJobAsync();

        var wrong = new { resumeUrl = "https://x.example/" + Long(2040), coverLetter = Long(10_001) };
        (await jobs.Candidate().Client.PostAsync($"/api/v1/jobs/{job}/apply", wrong)).Fields.ShouldBe(["coverLetter", "resumeUrl"]);
    }

    [Fact]
    public async Task Bodies_that_are_no_JSON_too_large_or_of_another_kind_are_told_apart()
    {
        var (employer, job) = await jobs.OpenJobAsync();
        var candidate = jobs.Candidate().Client;
        foreach (var (client, path) in ((HttpClient, string)[])
            [
                (employer.Client, "/api/v1/companies"), (employer.Client, "/api/v1/jobs"), (candidate, $"/api/v1/jobs/{job}/apply"),
                (candidate, $"/api/v1/companies/{employer.CompanyId}/reviews"),
            ])
        {
            (await client.PostTextAsync(path, "{\"name\":")).Status.ShouldBe(HttpStatusCode.BadRequest, path);
            (await client.PostTextAsync(path, "")).Status.ShouldBe(HttpStatusCode.BadRequest, path);
            (await client.PostTextAsync(path, "[]")).Status.ShouldBe(HttpStatusCode.UnprocessableEntity, path);
            (await client.PostTextAsync(path, "null")).Status.ShouldBe(HttpStatusCode.UnprocessableEntity, path);
            (await client.PostTextAsync(path, "name=x", "application/x-www-form-urlencoded")).Status.ShouldBe(HttpStatusCode.UnsupportedMediaType, path);
            // Asked before it is sent: an answer in the middle of a body may break the connection.
            var large = new HttpRequestMessage(HttpMethod.Post, path);
            large.Content = new StringContent($"{{\"name\":\"{Long(1_100_000)}\"}}", Encoding.UTF8, "application/json");
            large.Headers.ExpectContinue = true;
            (await client.ReadAsync(large)).Status.ShouldBe(HttpStatusCode.RequestEntityTooLarge, path);
            (await client.PostTextAsync(path, "{\"name\":\"\\ud800\",\"title\":\"\\ud800\",\"resumeUrl\":\"\\ud800\",\"text\":\"\\ud800\"}")).Status
                .ShouldBe(HttpStatusCode.UnprocessableEntity, path);
        }
    }

    [Fact]
    public async Task Ids_that_are_none_are_not_found()
    {
        var client = jobs.Somebody(Roles.JobSeeker, Roles.Employer).Client;

        foreach (var path in (string[])["companies/x", "jobs/x", "jobs/1/applications", "applications/x", "jobs/recommended"])
            (await client.AskAsync("/api/v1/" + path)).Status.ShouldBe(HttpStatusCode.NotFound, path);
    }
}
