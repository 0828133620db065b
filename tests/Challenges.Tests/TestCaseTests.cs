using System.Net;
using TalentSphere.Contracts.Auth;
using TalentSphere.TestKit;
using static TalentSphere.Challenges.Tests.ChallengesFixture;

namespace TalentSphere.Challenges.Tests;

public class TestCaseTests(ChallengesFixture service)
{
    private const string _secret = "hidden-4711-never-shown";

    [Fact]
    public async Task An_author_adds_reads_changes_and_removes_test_cases()
    {
        var author = service.Instructor();
        var route = $"{Route}/{await DraftAsync(author)}/testcases";
        var first = await author.PostAsync(route, Test(sample: true));
        first.Status.ShouldBe(HttpStatusCode.Created);
        var second = await author.PostAsync(route, Test(sample: false, "", ""));
        second.Data["ordinal"]!.GetValue<int>().ShouldBe(2);
        (await author.AskAsync(second.Headers.Location!.ToString())).Data["input"]!.GetValue<string>().ShouldBe("");

        var changed = await author.PutAsync($"{route}/{second.Id}", Test(sample: false, "9 9\n", "18\n", ordinal: 7));
        changed.Status.ShouldBe(HttpStatusCode.OK);
        var list = await author.AskAsync(route);
        list.Data.AsArray().Select(t => (t!["ordinal"]!.GetValue<int>(), t["expectedOutput"]!.GetValue<string>())).ShouldBe([(1, "3\n"), (7, "18\n")]);

        var stale = new HttpRequestMessage(HttpMethod.Delete, $"{route}/{second.Id}");
        stale.Headers.IfMatch.Add(new(second.Headers.ETag!.Tag));
        (await author.ReadAsync(stale)).Status.ShouldBe(HttpStatusCode.PreconditionFailed);
        (await author.RemoveAsync($"{route}/{second.Id}")).Status.ShouldBe(HttpStatusCode.NoContent);
        (await author.RemoveAsync($"{route}/{second.Id}")).Status.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Two_test_cases_cannot_share_an_ordinal()
    {
        var author = service.Instructor();
        var route = $"{Route}/{await DraftAsync(author)}/testcases";
        await author.PostAsync(route, Test(sample: true, ordinal: 1));
        var taken = await author.PostAsync(route, Test(sample: false, ordinal: 1));
        taken.Status.ShouldBe(HttpStatusCode.Conflict);
        taken.Code.ShouldBe("CHALLENGE_ORDINAL_TAKEN");
    }

    [Fact]
    public async Task Test_cases_added_at_once_take_different_ordinals()
    {
        var author = service.Instructor();
        var route = $"{Route}/{await DraftAsync(author)}/testcases";
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => author.PostAsync(route, Test(sample: i % 2 == 0))));
        answers.ShouldAllBe(a => a.Status == HttpStatusCode.Created);
        answers.Select(a => a.Data["ordinal"]!.GetValue<int>()).Order().ShouldBe(Enumerable.Range(1, 20));
    }

    [Fact]
    public async Task A_published_challenge_keeps_a_sample_and_a_hidden_test()
    {
        var author = service.Instructor();
        var route = $"{Route}/{await PublishedAsync(author)}/testcases";
        var tests = (await author.AskAsync(route)).Data.AsArray().Select(t => t!["id"]!.GetValue<Guid>()).ToList();
        (await author.RemoveAsync($"{route}/{tests[0]}")).Code.ShouldBe("CHALLENGE_INCOMPLETE");
        (await author.PutAsync($"{route}/{tests[1]}", Test(sample: true))).Code.ShouldBe("CHALLENGE_INCOMPLETE");
        (await author.AskAsync(route)).Data.AsArray().Count(t => !t!["sample"]!.GetValue<bool>()).ShouldBe(1);

        // Of two hidden tests removed at once, one stays.
        var extra = (await author.PostAsync(route, Test(sample: false))).Id;
        var answers = await Task.WhenAll(author.RemoveAsync($"{route}/{tests[1]}"), author.RemoveAsync($"{route}/{extra}"));
        answers.Select(a => a.Status).Order().ShouldBe([HttpStatusCode.NoContent, HttpStatusCode.Conflict]);
    }

    [Fact]
    public async Task A_challenge_has_ten_samples_at_most()
    {
        var author = service.Instructor();
        var route = $"{Route}/{await DraftAsync(author)}/testcases";
        var answers = await Task.WhenAll(Enumerable.Range(0, 14).Select(_ => author.PostAsync(route, Test(sample: true))));
        answers.Count(a => a.Status == HttpStatusCode.Created).ShouldBe(10);
        answers.Where(a => a.Status != HttpStatusCode.Created).ShouldAllBe(a => a.Code == "CHALLENGE_FULL");
        var hidden = await author.PostAsync(route, Test(sample: false));
        hidden.Status.ShouldBe(HttpStatusCode.Created);
        (await author.PutAsync($"{route}/{hidden.Id}", Test(sample: true))).Code.ShouldBe("CHALLENGE_FULL");
        (await author.PutAsync($"{route}/{answers.First(a => a.Status == HttpStatusCode.Created).Id}", Test(sample: true))).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_sample_is_shorter_than_a_hidden_test_may_be()
    {
        var author = service.Instructor();
        var route = $"{Route}/{await DraftAsync(author)}/testcases";
        var (most, more) = (new string('ä', 8 * 1024), new string('ä', (8 * 1024) + 1));
        (await author.PostAsync(route, Test(sample: true, more, more))).Fields.ShouldBe(["expectedOutput", "input"]);
        var sample = await author.PostAsync(route, Test(sample: true, most, most));
        sample.Status.ShouldBe(HttpStatusCode.Created);
        (await author.PutAsync($"{route}/{sample.Id}", Test(sample: true, more))).Fields.ShouldBe(["input"]);
        (await author.PostAsync(route, Test(sample: false, more, more))).Status.ShouldBe(HttpStatusCode.Created);
    }

    [Fact]
    public async Task A_hidden_test_is_in_no_answer_to_anybody_but_author_and_admin()
    {
        var author = service.Instructor();
        var id = await PublishedAsync(author, hidden: _secret);
        var route = $"{Route}/{id}/testcases";
        var hidden = (await author.AskAsync(route)).Data[1]!["id"]!.GetValue<Guid>();
        (await service.SignedIn(Guid.CreateVersion7(), Roles.Admin).AskAsync(route)).Body.ShouldContain(_secret);
        foreach (var (caller, refused) in new[]
        {
            (service.Anonymous(), HttpStatusCode.Unauthorized), (service.Learner(), HttpStatusCode.Forbidden), (service.Instructor(), HttpStatusCode.NotFound),
        })
        {
            (await caller.AskAsync(route)).Status.ShouldBe(refused);
            (await caller.AskAsync($"{route}/{hidden}")).Status.ShouldBe(refused);
            (await caller.PostAsync(route, Test(sample: true))).Status.ShouldBe(refused);
            (await caller.PutAsync($"{route}/{hidden}", Test(sample: true))).Status.ShouldBe(refused);
            (await caller.RemoveAsync($"{route}/{hidden}")).Status.ShouldBe(refused);
            foreach (var open in (string[])[$"{Route}/{id}", $"{Route}?q=Add", $"{Route}?q={_secret}"])
            {
                var answer = await caller.AskAsync(open);
                answer.Status.ShouldBe(HttpStatusCode.OK);
                answer.Body.ShouldNotContain(_secret);
            }
        }
        var learner = service.Learner();
        var submission = await learner.PostAsync($"{Route}/{id}/submissions", new { language = "python", code = "print(7)" });
        submission.Body.ShouldNotContain(_secret);
        (await learner.AskAsync($"/api/v1/submissions/{submission.Id}")).Body.ShouldNotContain(_secret);
    }

    [Fact]
    public async Task Every_wrong_field_of_a_test_case_is_named()
    {
        var author = service.Instructor();
        var route = $"{Route}/{await DraftAsync(author)}/testcases";
        (await author.PostAsync(route, new { })).Fields.ShouldBe(["expectedOutput", "input", "sample"]);
        (await author.PostAsync(route, new { sample = "yes", input = 1, expectedOutput = true, ordinal = "one" })).Fields.ShouldBe(["expectedOutput", "input", "ordinal", "sample"]);
        (await author.PostAsync(route, new { sample = true, input = "a\0", expectedOutput = new string('x', 300_000), ordinal = 0, explanation = new string('x', 5_000) })).Fields
            .ShouldBe(["expectedOutput", "explanation", "input", "ordinal"]);
        (await author.PostTextAsync(route, "[")).Status.ShouldBe(HttpStatusCode.BadRequest);
    }
}
