using System.Net;
using Microsoft.AspNetCore.Hosting;
using TalentSphere.Contracts.Auth;
using TalentSphere.Jobs.Tests;
using TalentSphere.TestKit;

[assembly: AssemblyFixture(typeof(JobsFixture))]

namespace TalentSphere.Jobs.Tests;

/// <summary>The service as it runs in the mesh, one for the assembly; every test brings people and companies of its own.</summary>
public class JobsFixture() : TestService<Program>("jobs")
{
    /// <summary>Somebody who looks for work.</summary>
    public Person Candidate() => Somebody(Roles.JobSeeker);

    /// <summary>Somebody with other roles.</summary>
    public Person Somebody(params string[] roles)
    {
        var id = Guid.CreateVersion7();
        return new(id, SignedIn(id, roles));
    }

    /// <summary>Somebody with a company.</summary>
    public async Task<Employer> EmployerAsync(string name = "Copper Kettle Works")
    {
        var id = Guid.CreateVersion7();
        var client = SignedIn(id, Roles.Employer);
        var company = await client.PostAsync("/api/v1/companies", new { name });
        company.Status.ShouldBe(HttpStatusCode.Created, company.ToString());
        return new(id, client, company.Id);
    }

    /// <summary>An open job of a new company.</summary>
    public async Task<(Employer Employer, Guid JobId)> OpenJobAsync()
    {
        var employer = await EmployerAsync();
        return (employer, await employer.PostAsync());
    }

    /// <summary>An application for a job of a new company.</summary>
    public async Task<Case> AppliedAsync()
    {
        var (employer, job) = await OpenJobAsync();
        var candidate = Candidate();
        return new(employer, candidate, job, await candidate.ApplyAsync(job));
    }
}

/// <summary>The same alone with its broker, its database distributed.</summary>
public sealed class DistributedFixture : JobsFixture
{
    public DistributedDatabase Database { get; } = new();

    protected override async Task<TestServers> ServersAsync()
    {
        var own = await TestServers.StartAsync("rabbitmq");
        return own with { Postgres = (await TestServers.GetAsync()).Postgres, Redis = (await TestServers.GetAsync()).Redis };
    }

    protected override Task<string> PrepareAsync(string connectionString) => Database.PrepareAsync(connectionString);

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        base.ConfigureWebHost(builder);
        Database.Configure(builder);
    }
}

/// <summary>Somebody who is signed in.</summary>
public record Person(Guid Id, HttpClient Client)
{
    /// <summary>Applies and succeeds.</summary>
    /// <returns>The application.</returns>
    public async Task<Guid> ApplyAsync(Guid job)
    {
        var answer = await Client.PostAsync($"/api/v1/jobs/{job}/apply", Sample.Application());
        answer.Status.ShouldBe(HttpStatusCode.Created, answer.ToString());
        return answer.Id;
    }
}

/// <summary>Somebody with a company.</summary>
public sealed record Employer(Guid Id, HttpClient Client, Guid CompanyId) : Person(Id, Client)
{
    /// <summary>Opens a job and succeeds.</summary>
    public async Task<Guid> PostAsync(object? post = null)
    {
        var answer = await Client.PostAsync("/api/v1/jobs", post ?? Sample.Post(CompanyId));
        answer.Status.ShouldBe(HttpStatusCode.Created, answer.ToString());
        return answer.Id;
    }

    /// <summary>Moves an application and succeeds.</summary>
    public async Task MoveAsync(Guid application, string status)
    {
        var answer = await Client.PatchAsync($"/api/v1/applications/{application}", new { status });
        answer.Status.ShouldBe(HttpStatusCode.OK, answer.ToString());
    }
}

/// <summary>A candidate, an employer and what is between them.</summary>
public sealed record Case(Employer Employer, Person Candidate, Guid JobId, Guid ApplicationId);

/// <summary>Bodies that are fine.</summary>
public static class Sample
{
    public static object Application() => new { resumeUrl = "https://files.example/resume.pdf", coverLetter = "Good day,\nI brew." };

    public static object Post(
        Guid companyId, string title = "Boiler Engineer", string description = "Keeps the kettles warm.", string[]? tags = null, string[]? requirements = null,
        string location = "Leipzig", string type = "full-time", int min = 40_000, int max = 60_000) => new
        {
            companyId,
            title,
            description,
            requirements = requirements ?? ["Patience"],
            location,
            type,
            salary = new { min, max, currency = "eur" },
            tags = tags ?? ["Heat", "heat", "copper"],
        };
}
