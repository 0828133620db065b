using System.Net;
using TalentSphere.Contracts.Auth;
using TalentSphere.TestKit;

namespace TalentSphere.Jobs.Tests;

public sealed class CompanyTests(JobsFixture jobs)
{
    private static readonly object _full = new
    {
        name = "  Harbour Light ",
        website = "https://harbour.example/about",
        industry = "Shipping",
        size = "11-50",
        location = "Kiel",
        description = "# We\nlight",
    };

    [Fact]
    public async Task An_employer_registers_a_company_and_everybody_can_read_it()
    {
        var employer = jobs.Somebody(Roles.Employer);

        var created = await employer.Client.PostAsync("/api/v1/companies", _full);

        created.Status.ShouldBe(HttpStatusCode.Created, created.ToString());
        created.Headers.Location!.ToString().ShouldBe($"/api/v1/companies/{created.Id}");
        var read = await jobs.Anonymous().AskAsync($"/api/v1/companies/{created.Id}");
        read.Status.ShouldBe(HttpStatusCode.OK);
        read.Data["name"]!.GetValue<string>().ShouldBe("Harbour Light");
        read.Data["size"]!.GetValue<string>().ShouldBe("11-50");
        read.Data["description"]!.GetValue<string>().ShouldBe("# We\nlight");
        read.Data["rating"]!["average"].ShouldBeNull();
        read.Data["rating"]!["count"]!.GetValue<int>().ShouldBe(0);
        read.Headers.ETag!.Tag.ShouldBe(created.Headers.ETag!.Tag);
        read.Headers.CacheControl!.Public.ShouldBeTrue();
        read.Body.ShouldNotContain(employer.Id.ToString());
    }

    [Fact]
    public async Task Companies_are_listed_and_found_by_name_even_when_mistyped()
    {
        await jobs.EmployerAsync("Quicksilver Foundry");
        var client = jobs.Anonymous();

        foreach (var q in (string[])["quicksilver", "FOUND", "quicksliver foundry", "quiksilver"])
        {
            var found = await client.AskAsync("/api/v1/companies?q=" + Uri.EscapeDataString(q));
            found.Data.AsArray().Select(c => c!["name"]!.GetValue<string>()).ShouldContain("Quicksilver Foundry", q);
        }
        var all = await client.AskAsync("/api/v1/companies?limit=1");
        all.Data.AsArray().Count.ShouldBe(1);
        all.Json["meta"]!["total"]!.GetValue<int>().ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task The_owner_changes_the_company_and_its_posts_carry_the_new_name()
    {
        var (employer, job) = await jobs.OpenJobAsync();

        var changed = await employer.Client.PutAsync($"/api/v1/companies/{employer.CompanyId}", new { name = "Renamed Kettle", website = "" });

        changed.Status.ShouldBe(HttpStatusCode.OK, changed.ToString());
        changed.Data["website"].ShouldBeNull();
        (await jobs.Anonymous().AskAsync($"/api/v1/jobs/{job}")).Data["companyName"]!.GetValue<string>().ShouldBe("Renamed Kettle");
        (await jobs.Anonymous().AskAsync($"/api/v1/jobs?q=renamed&company={employer.CompanyId}")).Data.AsArray().Count.ShouldBe(1);
    }

    [Fact]
    public async Task Another_employers_company_is_not_yours_to_change()
    {
        var employer = await jobs.EmployerAsync();
        var other = jobs.Somebody(Roles.Employer);

        var refused = await other.Client.PutAsync($"/api/v1/companies/{employer.CompanyId}", new { name = "Mine" });

        refused.Status.ShouldBe(HttpStatusCode.Forbidden);
        refused.Code.ShouldBe("COMPANY_002");
        var unknown = await other.Client.PutAsync($"/api/v1/companies/{Guid.CreateVersion7()}", new { name = "Mine" });
        unknown.Status.ShouldBe(HttpStatusCode.NotFound);
        unknown.Code.ShouldBe("COMPANY_001");
    }

    [Fact]
    public async Task A_change_over_a_newer_version_is_refused()
    {
        var employer = await jobs.EmployerAsync();
        var path = $"/api/v1/companies/{employer.CompanyId}";
        var tag = (await jobs.Anonymous().AskAsync(path)).Headers.ETag!.Tag;

        (await employer.Client.WithIfMatchAsync(HttpMethod.Put, path, tag, new { name = "Second" })).Status.ShouldBe(HttpStatusCode.OK);
        var stale = await employer.Client.WithIfMatchAsync(HttpMethod.Put, path, tag, new { name = "Third" });

        stale.Status.ShouldBe(HttpStatusCode.PreconditionFailed);
        (await jobs.Anonymous().AskAsync(path)).Data["name"]!.GetValue<string>().ShouldBe("Second");
    }

    [Fact]
    public async Task Everybody_reviews_a_company_once_and_the_average_follows()
    {
        var employer = await jobs.EmployerAsync();
        var path = $"/api/v1/companies/{employer.CompanyId}/reviews";
        var (first, second) = (jobs.Candidate(), jobs.Somebody());

        (await first.Client.PostAsync(path, new { rating = 5, text = "Warm" })).Status.ShouldBe(HttpStatusCode.Created);
        (await second.Client.PostAsync(path, new { rating = 2, text = "Hot" })).Status.ShouldBe(HttpStatusCode.Created);
        var again = await first.Client.PostAsync(path, new { rating = 1, text = "Cold" });

        again.Status.ShouldBe(HttpStatusCode.Conflict);
        again.Code.ShouldBe("COMPANY_ALREADY_REVIEWED");
        var rating = (await jobs.Anonymous().AskAsync($"/api/v1/companies/{employer.CompanyId}")).Data["rating"]!;
        rating["average"]!.GetValue<decimal>().ShouldBe(3.5m);
        rating["count"]!.GetValue<int>().ShouldBe(2);
        var reviews = await jobs.Anonymous().AskAsync(path);
        reviews.Data.AsArray().Select(r => r!["text"]!.GetValue<string>()).ShouldBe(["Hot", "Warm"]);
        reviews.Body.ShouldNotContain(first.Id.ToString());
    }

    [Fact]
    public async Task Parallel_reviews_count_once_per_person()
    {
        var employer = await jobs.EmployerAsync();
        var path = $"/api/v1/companies/{employer.CompanyId}/reviews";
        var people = Enumerable.Range(0, 4).Select(_ => jobs.Candidate()).ToList();

        var answers = await Task.WhenAll(people.SelectMany(p => Enumerable.Range(0, 5)
            .Select(_ => p.Client.PostAsync(path, new { rating = 4, text = "Fine" }))));

        answers.Count(a => a.Status == HttpStatusCode.Created).ShouldBe(4);
        answers.Count(a => a.Status == HttpStatusCode.Conflict).ShouldBe(16);
        var rating = (await jobs.Anonymous().AskAsync($"/api/v1/companies/{employer.CompanyId}")).Data["rating"]!;
        rating["count"]!.GetValue<int>().ShouldBe(4);
        rating["average"]!.GetValue<decimal>().ShouldBe(4m);
    }

    [Fact]
    public async Task An_owner_does_not_review_the_own_company_and_nobody_an_unknown_one()
    {
        var employer = await jobs.EmployerAsync();

        var own = await employer.Client.PostAsync($"/api/v1/companies/{employer.CompanyId}/reviews", new { rating = 5, text = "Best" });
        var unknown = await employer.Client.PostAsync($"/api/v1/companies/{Guid.CreateVersion7()}/reviews", new { rating = 5, text = "Best" });

        own.Status.ShouldBe(HttpStatusCode.Forbidden);
        own.Code.ShouldBe("COMPANY_OWN_REVIEW");
        unknown.Code.ShouldBe("COMPANY_001");
        (await jobs.Anonymous().AskAsync($"/api/v1/companies/{Guid.CreateVersion7()}/reviews")).Code.ShouldBe("COMPANY_001");
    }
}
