using System.Net;
using System.Net.Http.Headers;
using TalentSphere.Contracts.Auth;
using TalentSphere.TestKit;

namespace TalentSphere.Jobs.Tests;

/// <summary>Who may call what.</summary>
public sealed class AccessTests(JobsFixture jobs)
{
    private static readonly Guid _any = Guid.CreateVersion7();

    /// <summary>Method, path and the roles that may call it; none means everybody who is signed in.</summary>
    public static TheoryData<string, string, string> Guarded => new()
    {
        { "POST", "/api/v1/companies", "employer,admin" },
        { "PUT", $"/api/v1/companies/{_any}", "employer,admin" },
        { "POST", $"/api/v1/companies/{_any}/reviews", "" },
        { "POST", "/api/v1/jobs", "employer,admin" },
        { "PUT", $"/api/v1/jobs/{_any}", "employer,admin" },
        { "DELETE", $"/api/v1/jobs/{_any}", "employer,admin" },
        { "POST", $"/api/v1/jobs/{_any}/close", "employer,admin" },
        { "GET", "/api/v1/jobs/saved", "" },
        { "PUT", $"/api/v1/jobs/{_any}/saved", "" },
        { "DELETE", $"/api/v1/jobs/{_any}/saved", "" },
        { "POST", $"/api/v1/jobs/{_any}/apply", "jobseeker" },
        { "GET", $"/api/v1/jobs/{_any}/applications", "" },
        { "GET", "/api/v1/applications", "" },
        { "GET", $"/api/v1/applications/{_any}", "" },
        { "PATCH", $"/api/v1/applications/{_any}", "" },
    };

    [Theory]
    [MemberData(nameof(Guarded))]
    public async Task Only_the_right_people_get_in(string method, string path, string roles)
    {
        var nobody = await CallAsync(jobs.Anonymous(), method, path);
        nobody.Status.ShouldBe(HttpStatusCode.Unauthorized);
        nobody.Headers.WwwAuthenticate.ShouldNotBeEmpty();

        foreach (var role in Roles.All)
        {
            var answer = await CallAsync(jobs.Somebody(role).Client, method, path);
            if (roles.Length > 0 && !roles.Split(',').Contains(role))
                answer.Status.ShouldBe(HttpStatusCode.Forbidden, role);
            else
                answer.Status.ShouldNotBeOneOf(HttpStatusCode.Unauthorized, HttpStatusCode.Forbidden, HttpStatusCode.InternalServerError);
        }
    }

    [Fact]
    public async Task A_forged_token_opens_nothing()
    {
        foreach (var (fault, token) in TestTokens.Forged(Guid.CreateVersion7(), Roles.Employer))
        {
            var client = jobs.Anonymous();
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
            (await client.PostAsync("/api/v1/companies", new { name = "Forged" })).Status.ShouldBe(HttpStatusCode.Unauthorized, fault);
        }
    }

    [Fact]
    public async Task A_header_is_no_identity()
    {
        var c = await jobs.AppliedAsync();
        var request = new HttpRequestMessage(HttpMethod.Get, $"/api/v1/applications/{c.ApplicationId}");
        request.Headers.Add("x-user-id", c.Candidate.Id.ToString());

        (await jobs.Anonymous().ReadAsync(request)).Status.ShouldBe(HttpStatusCode.Unauthorized);
    }

    private static Task<Answer> CallAsync(HttpClient client, string method, string path)
    {
        var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (method is "POST" or "PUT" or "PATCH")
            request.Content = new StringContent("{}", System.Text.Encoding.UTF8, "application/json");
        return client.ReadAsync(request);
    }
}
