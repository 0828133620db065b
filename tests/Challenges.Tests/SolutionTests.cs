using System.Net;
using TalentSphere.Contracts.Auth;
using TalentSphere.TestKit;
using static TalentSphere.Challenges.Tests.ChallengesFixture;

namespace TalentSphere.Challenges.Tests;

public class SolutionTests(ChallengesFixture service)
{
    private const string _secret = "print('reference-4711')";

    [Fact]
    public async Task An_author_adds_reads_changes_and_removes_solutions()
    {
        var author = service.Instructor();
        var route = $"{Route}/{await DraftAsync(author)}/solutions";
        var added = await author.PostAsync(route, Solution(source: _secret, name: " sum.py "));
        added.Status.ShouldBe(HttpStatusCode.Created);
        added.Headers.Location!.ToString().ShouldBe($"{route}/{added.Id}");
        var read = await author.AskAsync($"{route}/{added.Id}");
        (read.Data["name"]!.GetValue<string>(), read.Data["source"]!.GetValue<string>()).ShouldBe(("sum.py", _secret));

        var changed = await author.PutAsync($"{route}/{added.Id}", Solution("c", "wrong-answer"));
        changed.Status.ShouldBe(HttpStatusCode.OK);
        var list = await author.AskAsync(route);
        list.Body.ShouldNotContain("source");
        list.Data.AsArray().Select(s => (s!["language"]!.GetValue<string>(), s["expected"]!.GetValue<string>())).ShouldBe([("c", "wrong-answer")]);

        var stale = new HttpRequestMessage(HttpMethod.Delete, $"{route}/{added.Id}");
        stale.Headers.IfMatch.Add(new(added.Headers.ETag!.Tag));
        (await author.ReadAsync(stale)).Status.ShouldBe(HttpStatusCode.PreconditionFailed);
        var late = new HttpRequestMessage(HttpMethod.Put, $"{route}/{added.Id}") { Content = System.Net.Http.Json.JsonContent.Create(Solution()) };
        late.Headers.IfMatch.Add(new(added.Headers.ETag!.Tag));
        (await author.ReadAsync(late)).Status.ShouldBe(HttpStatusCode.PreconditionFailed);
        (await author.RemoveAsync($"{route}/{added.Id}")).Status.ShouldBe(HttpStatusCode.NoContent);
        (await author.RemoveAsync($"{route}/{added.Id}")).Status.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Every_wrong_field_of_a_solution_is_named()
    {
        var author = service.Instructor();
        var route = $"{Route}/{await DraftAsync(author)}/solutions";
        (await author.PostAsync(route, new { })).Fields.ShouldBe(["expected", "language", "name", "source"]);
        (await author.PostAsync(route, Solution("cobol", "lucky", "", new string('n', 101)))).Fields.ShouldBe(["expected", "language", "name", "source"]);
        (await author.PostAsync(route, Solution("c", "internal-error", "a\0", "b\0"))).Fields.ShouldBe(["expected", "name", "source"]);
        (await author.PostAsync(route, new { name = 1, language = true, source = new[] { "x" }, expected = 0 })).Fields.ShouldBe(["expected", "language", "name", "source"]);
        (await author.PostAsync(route, Solution(source: new string('ä', 32 * 1024)))).Status.ShouldBe(HttpStatusCode.Created);
        (await author.PostAsync(route, Solution(source: new string('ä', (32 * 1024) + 1)))).Fields.ShouldBe(["source"]);
        (await author.PostTextAsync(route, "{ \"name\": ")).Status.ShouldBe(HttpStatusCode.BadRequest);
        (await author.PostTextAsync(route, "name=x", "application/x-www-form-urlencoded")).Status.ShouldBe(HttpStatusCode.UnsupportedMediaType);
        (await author.PostTextAsync(route, $$"""{ "source": "{{new string('x', 10_000_000)}}" }""")).Status.ShouldBe(HttpStatusCode.RequestEntityTooLarge);
    }

    [Fact]
    public async Task A_solution_is_in_no_answer_to_anybody_but_author_and_admin()
    {
        var author = service.Instructor();
        var id = await DraftAsync(author);
        await author.PostAsync($"{Route}/{id}/testcases", Test(sample: true));
        await author.PostAsync($"{Route}/{id}/testcases", Test(sample: false));
        var secret = (await author.PostAsync($"{Route}/{id}/solutions", Solution(source: _secret))).Id;
        await author.PostAsync($"{Route}/{id}/solutions", Solution("c", source: _secret));
        await CheckedAsync(author, id);
        (await author.PostAsync($"{Route}/{id}/publish")).Status.ShouldBe(HttpStatusCode.OK);
        (await service.SignedIn(Guid.CreateVersion7(), Roles.Admin).AskAsync($"{Route}/{id}/solutions/{secret}")).Body.ShouldContain(_secret);
        foreach (var (caller, refused) in new[]
        {
            (service.Anonymous(), HttpStatusCode.Unauthorized), (service.Learner(), HttpStatusCode.Forbidden), (service.Instructor(), HttpStatusCode.NotFound),
        })
        {
            (await caller.AskAsync($"{Route}/{id}/solutions")).Status.ShouldBe(refused);
            (await caller.AskAsync($"{Route}/{id}/solutions/{secret}")).Status.ShouldBe(refused);
            (await caller.PostAsync($"{Route}/{id}/solutions", Solution())).Status.ShouldBe(refused);
            (await caller.PutAsync($"{Route}/{id}/solutions/{secret}", Solution())).Status.ShouldBe(refused);
            (await caller.RemoveAsync($"{Route}/{id}/solutions/{secret}")).Status.ShouldBe(refused);
            (await caller.AskAsync($"{Route}/{id}/check")).Status.ShouldBe(refused);
            (await caller.PostAsync($"{Route}/{id}/check")).Status.ShouldBe(refused);
            (await caller.AskAsync($"{Route}/{id}/authoring")).Status.ShouldBe(refused);
            (await caller.AskAsync($"{Route}/{id}")).Body.ShouldNotContain("4711");
        }
        // Another challenge of the same author is no way to it either.
        var other = await DraftAsync(author);
        (await author.AskAsync($"{Route}/{other}/solutions/{secret}")).Status.ShouldBe(HttpStatusCode.NotFound);
        (await author.PutAsync($"{Route}/{other}/solutions/{secret}", Solution())).Status.ShouldBe(HttpStatusCode.NotFound);
        (await author.RemoveAsync($"{Route}/{other}/solutions/{secret}")).Status.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_challenge_has_twenty_solutions_at_most()
    {
        var author = service.Instructor();
        var route = $"{Route}/{await DraftAsync(author)}/solutions";
        var answers = await Task.WhenAll(Enumerable.Range(0, 24).Select(_ => author.PostAsync(route, Solution())));
        answers.Count(a => a.Status == HttpStatusCode.Created).ShouldBe(20);
        answers.Where(a => a.Status != HttpStatusCode.Created).ShouldAllBe(a => a.Code == "CHALLENGE_FULL");
    }

    [Fact]
    public async Task A_published_challenge_keeps_its_references()
    {
        var author = service.Instructor();
        var route = $"{Route}/{await PublishedAsync(author)}/solutions";
        var ids = (await author.AskAsync(route)).Data.AsArray().Select(s => s!["id"]!.GetValue<Guid>()).ToList();
        (await author.RemoveAsync($"{route}/{ids[0]}")).Code.ShouldBe("CHALLENGE_LACKS_SOLUTIONS");
        (await author.PutAsync($"{route}/{ids[0]}", Solution("c"))).Code.ShouldBe("CHALLENGE_LACKS_SOLUTIONS");
        (await author.PutAsync($"{route}/{ids[0]}", Solution("python", "wrong-answer"))).Code.ShouldBe("CHALLENGE_LACKS_SOLUTIONS");
        (await author.AskAsync($"{route}/{ids[0]}")).Data["expected"]!.GetValue<string>().ShouldBe("accepted");
        // Of two removed at once, one stays.
        var extra = (await author.PostAsync(route, Solution())).Id;
        var answers = await Task.WhenAll(author.RemoveAsync($"{route}/{ids[0]}"), author.RemoveAsync($"{route}/{extra}"));
        answers.Select(a => a.Status).Order().ShouldBe([HttpStatusCode.NoContent, HttpStatusCode.Conflict]);
    }
}
