using System.Net;
using TalentSphere.TestKit;

namespace TalentSphere.Jobs.Tests;

/// <summary>What candidates find, on a handful of posts of one company.</summary>
public sealed class SearchTests(JobsFixture jobs)
{
    private static readonly SemaphoreSlim _once = new(1);
    private static Guid _company;

    [Theory]
    [InlineData("platform engineer")]
    [InlineData("kubernetes")]
    [InlineData("kuber")]
    [InlineData("Platform Eng")]
    [InlineData("engineers")]
    [InlineData("platform enginer")]
    [InlineData("kuberntes")]
    [InlineData("kubenretes")]
    [InlineData("PLATFROM")]
    [InlineData("senior plattform")]
    public async Task The_platform_engineer_comes_first(string q) => (await TitlesAsync(q))[0].ShouldBe("Senior Platform Engineer", q);

    [Theory]
    [InlineData("enginer", "Senior Platform Engineer")]
    [InlineData("pyhton", "Data Scientist, Python")]
    [InlineData("C#", "Backend Developer (C#/.NET)")]
    [InlineData(".net", "Backend Developer (C#/.NET)")]
    [InlineData("dotnet backend", "Backend Developer (C#/.NET)")]
    [InlineData("node", "Frontend Developer, Node.js")]
    [InlineData("node.js", "Frontend Developer, Node.js")]
    [InlineData("javascript", "Frontend Developer, Node.js")]
    [InlineData("backend developer", "Backend Developer (C#/.NET)")]
    [InlineData("IT", "Head of IT")]
    [InlineData("head of it", "Head of IT")]
    [InlineData("Lanterns", "Night Guard")]
    [InlineData("\"night guard\"", "Night Guard")]
    public async Task It_is_found(string q, string title) => (await TitlesAsync(q)).ShouldContain(title, q);

    [Theory]
    [InlineData("c++")]
    [InlineData("cobol")]
    [InlineData("\"guard night\"")]
    [InlineData("guard -night")]
    [InlineData("!!!")]
    [InlineData("zzzzzzzz")]
    [InlineData("100%")]
    public async Task It_is_not_found(string q) => (await TitlesAsync(q)).ShouldBeEmpty(q);

    [Fact]
    public async Task A_word_in_the_title_beats_the_same_word_in_the_description()
    {
        var titles = await TitlesAsync("python");

        titles[0].ShouldBe("Data Scientist, Python");
        titles.ShouldContain("Night Guard");
    }

    [Fact]
    public async Task A_tag_beats_a_description()
    {
        var titles = await TitlesAsync("kubernetes");

        titles.ShouldBe(["Senior Platform Engineer", "Head of IT"]);
    }

    [Fact]
    public async Task Or_finds_either() => (await TitlesAsync("scientist or guard")).Count.ShouldBe(2);

    [Fact]
    public async Task Filters_narrow_and_combine()
    {
        (await TitlesAsync("", "&location=DRESD")).ShouldBe(["Night Guard"]);
        (await TitlesAsync("", "&location=d_e%25d")).ShouldBeEmpty();
        (await TitlesAsync("", "&type=part-time")).ShouldBe(["Night Guard"]);
        (await TitlesAsync("", "&salaryMin=90001")).ShouldBe(["Head of IT"]);
        (await TitlesAsync("developer", "&salaryMin=60000&type=full-time")).ShouldBe(["Backend Developer (C#/.NET)"]);
        (await TitlesAsync("developer", "&type=part-time")).ShouldBeEmpty();
    }

    [Fact]
    public async Task Sorted_by_salary_the_best_paid_comes_first_and_by_newest_the_last_posted()
    {
        (await TitlesAsync("", "&sort=salary"))[..2].ShouldBe(["Head of IT", "Senior Platform Engineer"]);
        (await TitlesAsync("", "&sort=newest"))[0].ShouldBe("Night Guard");
        (await TitlesAsync("developer", "&sort=newest"))[0].ShouldBe("Frontend Developer, Node.js");
    }

    [Fact]
    public async Task A_company_is_named_by_id_or_by_a_part_of_its_name()
    {
        await CompanyAsync();
        var found = await jobs.Anonymous().AskAsync("/api/v1/jobs?company=lamplight%20pion&limit=3");

        found.Json["meta"]!["total"]!.GetValue<int>().ShouldBe(6);
        found.Data.AsArray().Count.ShouldBe(3);
        found.Headers.GetValues("Link").Single().ShouldContain("rel=\"next\"");
    }

    [Fact]
    public async Task Pages_do_not_overlap_and_end()
    {
        var company = await CompanyAsync();
        var seen = new List<string>();
        for (var page = 1; page <= 4; page++)
        {
            var answer = await jobs.Anonymous().AskAsync($"/api/v1/jobs?company={company}&limit=2&page={page}");
            answer.Json["meta"]!["total"]!.GetValue<int>().ShouldBe(6);
            seen.AddRange(answer.Data.AsArray().Select(j => j!["id"]!.GetValue<string>()));
        }

        seen.Count.ShouldBe(6);
        seen.ShouldBeUnique();
    }

    [Fact]
    public async Task A_closed_or_withdrawn_job_is_not_found()
    {
        var employer = await jobs.EmployerAsync();
        var closed = await employer.PostAsync();
        var withdrawn = await employer.PostAsync();
        await employer.Client.PostAsync($"/api/v1/jobs/{closed}/close");
        await employer.Client.RemoveAsync($"/api/v1/jobs/{withdrawn}");

        (await jobs.Anonymous().AskAsync($"/api/v1/jobs?company={employer.CompanyId}")).Data.AsArray().ShouldBeEmpty();
        (await jobs.Anonymous().AskAsync($"/api/v1/jobs?company={employer.CompanyId}&q=boiler")).Data.AsArray().ShouldBeEmpty();
    }

    [Fact]
    public async Task Any_characters_are_safe()
    {
        var random = new Random(20260504);
        var client = jobs.Anonymous();
        string[] nasty =
        [
            "'", "\"", "\\", "%", "_", ":*", "&", "|", "!", "<->", "((", "a:b*", "\0", "a\0b", "\u202e", "𝒜𝒷", "e\u0301clair", "--", "';--", "$1", "$$",
            "{0}", "😀", "or", "or or", "-", "- -", "\"\"", "\"a", new string('a', 200), new string('\'', 200),
            "a-b-c", "1.2.3", "a@b.c", "http://x.y/z?q=1", "x:*&", "\ufffd", "İ", "ß", "ﬀ",
            "the", "with", "of the", "+", "c#c#", "\uFFFE",
        ];
        foreach (var q in nasty.Concat(Enumerable.Range(0, 60).Select(_ => Scribble(random))))
        {
            var typed = Uri.EscapeDataString(q);
            foreach (var path in (string[])[$"jobs?q={typed}&location={typed}&company={typed}", $"jobs?q={typed}", $"companies?q={typed}"])
                (await client.AskAsync("/api/v1/" + path)).Status.ShouldBe(HttpStatusCode.OK, q);
        }
    }

    [Fact]
    public async Task Every_wrong_parameter_is_named()
    {
        var q = new string('q', 201);
        var answer = await jobs.Anonymous().AskAsync($"/api/v1/jobs?q={q}&location={q}&company={q}&type=slavery&salaryMin=-1&sort=luck");

        answer.Status.ShouldBe(HttpStatusCode.UnprocessableEntity);
        answer.Fields.ShouldBe(["company", "location", "q", "salaryMin", "sort", "type"]);
        (await jobs.Anonymous().AskAsync("/api/v1/jobs?salaryMin=much")).Fields.ShouldBe(["salaryMin"]);
        (await jobs.Anonymous().AskAsync("/api/v1/jobs?page=x")).Fields.ShouldBe(["page"]);
        (await jobs.Anonymous().AskAsync("/api/v1/jobs?page=x&salaryMin=much")).Fields.ShouldBe(["page", "salaryMin"]);
        (await jobs.Anonymous().AskAsync($"/api/v1/companies?q={q}")).Fields.ShouldBe(["q"]);
    }

    [Fact]
    public async Task A_result_may_be_kept_for_a_minute_and_is_revalidated()
    {
        var company = await CompanyAsync();
        var client = jobs.Anonymous();
        var first = await client.AskAsync($"/api/v1/jobs?company={company}&q=engineer");
        first.Headers.CacheControl!.Public.ShouldBeTrue();
        var request = new HttpRequestMessage(HttpMethod.Get, $"/api/v1/jobs?company={company}&q=engineer");
        request.Headers.TryAddWithoutValidation("If-None-Match", first.Headers.ETag!.ToString());

        var again = await client.ReadAsync(request);

        again.Status.ShouldBe(HttpStatusCode.NotModified);
        again.Body.ShouldBeEmpty();
    }

    private async Task<List<string>> TitlesAsync(string q, string more = "")
    {
        var company = await CompanyAsync();
        var answer = await jobs.Anonymous().AskAsync($"/api/v1/jobs?company={company}&q={Uri.EscapeDataString(q)}{more}");
        answer.Status.ShouldBe(HttpStatusCode.OK, answer.ToString());
        return [.. answer.Data.AsArray().Select(j => j!["title"]!.GetValue<string>())];
    }

    private async Task<Guid> CompanyAsync()
    {
        await _once.WaitAsync();
        try
        {
            if (_company != Guid.Empty)
                return _company;
            var employer = await jobs.EmployerAsync("Lamplight Pioneers");
            object[] posts =
            [
                Sample.Post(employer.CompanyId, "Senior Platform Engineer", "You keep the lights on.", tags: ["kubernetes", "linux"], min: 70_000, max: 90_000),
                Sample.Post(
                    employer.CompanyId, "Head of IT",
                    "You lead; kubernetes, kubernetes and kubernetes all day.", tags: ["leadership"], min: 80_000, max: 120_000),
                Sample.Post(employer.CompanyId, "Data Scientist, Python", "You count lamps.", tags: ["statistics"], max: 80_000),
                Sample.Post(employer.CompanyId, "Backend Developer (C#/.NET)", "You build the lamp service.", tags: ["sql"], max: 70_000),
                Sample.Post(employer.CompanyId, "Frontend Developer, Node.js", "You make lamps glow.", tags: ["javascript"], max: 55_000),
                Sample.Post(
                    employer.CompanyId, "Night Guard",
                    "You carry a lantern. Python is spoken here: python, python, python, a Python script opens the gate, Python.",
                    tags: ["night"], requirements: ["Good eyes"], location: "Dresden", type: "part-time", min: 20_000, max: 30_000),
            ];
            foreach (var post in posts)
                await employer.PostAsync(post);
            return _company = employer.CompanyId;
        }
        finally
        {
            _once.Release();
        }
    }

    private static string Scribble(Random random)
    {
        var text = new char[random.Next(1, 60)];
        for (var i = 0; i < text.Length; i++)
            text[i] = random.Next(3) == 0 ? (char)random.Next(1, 0xD7FF) : (char)random.Next(0x20, 0x7F);
        return new string(text);
    }
}
