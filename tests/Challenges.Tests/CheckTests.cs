using System.Net;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using TalentSphere.Challenges.Data;
using TalentSphere.Challenges.Solutions;
using TalentSphere.TestKit;
using static TalentSphere.Challenges.Tests.ChallengesFixture;

namespace TalentSphere.Challenges.Tests;

public class CheckTests(ChallengesFixture service)
{
    [Fact]
    public async Task A_challenge_is_published_when_every_solution_behaves_as_declared()
    {
        var author = service.Instructor();
        var id = await CompleteAsync(author);
        await author.PostAsync($"{Route}/{id}/solutions", Solution("python", "wrong-answer", "verdict wrong-answer"));
        await author.PostAsync($"{Route}/{id}/solutions", Solution("c", "compile-error", "compile-error line 1: what is that?"));
        var ended = await CheckedAsync(author, id);
        ended.Data["state"]!.GetValue<string>().ShouldBe("passed", ended.Body);
        ended.Data["current"]!.GetValue<bool>().ShouldBeTrue();
        (ended.Data["judged"]!.GetValue<int>(), ended.Data["total"]!.GetValue<int>()).ShouldBe((4, 4));
        Results(ended).ShouldBe([("accepted", "accepted", null), ("accepted", "accepted", null), ("wrong-answer", "wrong-answer", 2), ("compile-error", "compile-error", null)]);
        ended.Data["solutions"]![3]!["messages"]!.GetValue<string>().ShouldContain("line 1");
        ended.Data["solutions"]!.AsArray().ShouldAllBe(s => s!["holds"]!.GetValue<bool>());
        (await author.PostAsync($"{Route}/{id}/publish")).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_solution_that_misbehaves_is_named_with_the_test_where_it_does()
    {
        var author = service.Instructor();
        var id = await CompleteAsync(author);
        var slow = (await author.PostAsync($"{Route}/{id}/solutions", Solution("python", "time-limit", "cpu 1", "slow.py"))).Id;
        var wrong = (await author.PostAsync($"{Route}/{id}/solutions", Solution("c", "accepted", "verdict wrong-answer", "sum.c"))).Id;
        (await CheckedAsync(author, id)).Data["state"]!.GetValue<string>().ShouldBe("failed");
        var refused = await author.PostAsync($"{Route}/{id}/publish");
        refused.Status.ShouldBe(HttpStatusCode.Conflict);
        refused.Code.ShouldBe("CHALLENGE_CHECK_FAILED");
        refused.Fields.ShouldBe(((string[])[$"solutions.{slow}", $"solutions.{wrong}"]).Order(StringComparer.Ordinal));
        refused.Body.ShouldContain("sum.c must be accepted and is wrong-answer at test 2");
        refused.Body.ShouldContain("slow.py must be time-limit and is accepted");
        (await service.Anonymous().AskAsync($"{Route}/{id}")).Status.ShouldBe(HttpStatusCode.NotFound);

        await author.RemoveAsync($"{Route}/{id}/solutions/{slow}");
        (await author.PostAsync($"{Route}/{id}/publish")).Code.ShouldBe("CHALLENGE_UNCHECKED", "another set of solutions is another check");
        await author.RemoveAsync($"{Route}/{id}/solutions/{wrong}");
        await CheckedAsync(author, id);
        (await author.PostAsync($"{Route}/{id}/publish")).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task References_in_one_language_are_too_few()
    {
        var author = service.Instructor();
        var id = await CompleteAsync(author, "python", "python");
        (await author.PostAsync($"{Route}/{id}/check")).Code.ShouldBe("CHALLENGE_LACKS_SOLUTIONS");
        await author.PostAsync($"{Route}/{id}/solutions", Solution("c", "wrong-answer"));
        (await author.PostAsync($"{Route}/{id}/check")).Code.ShouldBe("CHALLENGE_LACKS_SOLUTIONS");
        (await author.AskAsync($"{Route}/{id}/check")).Status.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_challenge_without_tests_is_not_checked()
    {
        var author = service.Instructor();
        var id = await DraftAsync(author);
        (await author.PostAsync($"{Route}/{id}/check")).Code.ShouldBe("CHALLENGE_INCOMPLETE");
        (await author.PostAsync($"{Route}/{Guid.CreateVersion7()}/check")).Status.ShouldBe(HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData("test")]
    [InlineData("limit")]
    [InlineData("checker")]
    [InlineData("solution")]
    [InlineData("nothing")]
    [InlineData("text")]
    public async Task A_check_counts_for_what_was_checked(string change)
    {
        var author = service.Instructor();
        var id = await CompleteAsync(author);
        await CheckedAsync(author, id);
        var changed = change switch
        {
            "test" => await author.PostAsync($"{Route}/{id}/testcases", Test(sample: false)),
            "limit" => await author.PutAsync($"{Route}/{id}", new { title = "Add two numbers", statement = "Add.", difficulty = "easy", timeLimitMs = 1000 }),
            "checker" => await author.PutAsync($"{Route}/{id}", new { title = "Add two numbers", statement = "Add.", difficulty = "easy", checker = new { kind = "exact" } }),
            "solution" => await author.PostAsync($"{Route}/{id}/solutions", Solution()),
            "text" => await author.PutAsync($"{Route}/{id}", new { title = "Add them up", statement = "Add.", difficulty = "hard" }),
            _ => await author.AskAsync($"{Route}/{id}"),
        };
        ((int)changed.Status).ShouldBeLessThan(300);
        var counts = change is "nothing" or "text";
        (await author.AskAsync($"{Route}/{id}/check")).Data["current"]!.GetValue<bool>().ShouldBe(counts);
        (await author.PostAsync($"{Route}/{id}/publish")).Code.ShouldBe(counts ? null : "CHALLENGE_UNCHECKED");
    }

    [Fact]
    public async Task What_changes_while_it_is_checked_is_checked_again()
    {
        var (author, key) = (service.Instructor(), Guid.CreateVersion7().ToString());
        var id = await CompleteAsync(author);
        await author.PostAsync($"{Route}/{id}/solutions", Solution(source: $"wait {key}"));
        var first = await author.PostAsync($"{Route}/{id}/check");
        await Eventually.SeesAsync(() => author.AskAsync($"{Route}/{id}/check"), a => a.Data["judged"]!.GetValue<int>() == 2, "two of three solutions judged");
        (await author.PostAsync($"{Route}/{id}/publish")).Code.ShouldBe("CHALLENGE_UNCHECKED");
        (await author.PostAsync($"{Route}/{id}/check")).Id.ShouldBe(first.Id, "the same check is asked for twice");
        await author.PostAsync($"{Route}/{id}/testcases", Test(sample: false));
        var second = await author.PostAsync($"{Route}/{id}/check");
        second.Id.ShouldNotBe(first.Id);
        service.Judge.Open(key);
        var ended = await Eventually.SeesAsync(() => author.AskAsync($"{Route}/{id}/check"), a => a.Data["state"]!.GetValue<string>() == "passed", "the second check to pass");
        ended.Id.ShouldBe(second.Id);
        ended.Data["current"]!.GetValue<bool>().ShouldBeTrue();
    }

    [Fact]
    public async Task Of_many_who_ask_at_once_all_get_the_same_check()
    {
        var (author, key) = (service.Instructor(), Guid.CreateVersion7().ToString());
        var id = await CompleteAsync(author);
        await author.PostAsync($"{Route}/{id}/solutions", Solution(source: $"wait {key}"));
        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => author.PostAsync($"{Route}/{id}/check")));
        answers.ShouldAllBe(a => a.Status == HttpStatusCode.Accepted);
        answers.Select(a => a.Id).Distinct().ShouldHaveSingleItem();
        service.Judge.Open(key);
        await CheckedAsync(author, id);
    }

    [Fact]
    public async Task A_long_check_does_not_hold_up_a_short_one()
    {
        var (author, key) = (service.Instructor(), Guid.CreateVersion7().ToString());
        var (lengthy, brief) = (await CompleteAsync(author), await CompleteAsync(service.Instructor()));
        var marks = (Long: $"# long {key}", Brief: $"# brief {key}");
        for (var i = 0; i < 8; i++)
            await author.PostAsync($"{Route}/{lengthy}/solutions", Solution(source: i == 0 ? $"wait {key}" : marks.Long));
        var admin = service.SignedIn(Guid.CreateVersion7(), Contracts.Auth.Roles.Admin);
        await admin.PostAsync($"{Route}/{brief}/solutions", Solution(source: marks.Brief));
        await author.PostAsync($"{Route}/{lengthy}/check");
        await Eventually.TrueAsync(() => service.Judge.JobsOf($"wait {key}").Count > 0, "the long check to be at its third solution");
        await admin.PostAsync($"{Route}/{brief}/check");
        service.Judge.Open(key);
        await Eventually.SeesAsync(() => author.AskAsync($"{Route}/{lengthy}/check"), a => a.Data["state"]!.GetValue<string>() == "passed", "the long check to pass");
        var order = service.Judge.Jobs.Select(j => j["source"]!.GetValue<string>()).ToList();
        order.LastIndexOf(marks.Brief).ShouldBeLessThan(order.LastIndexOf(marks.Long));
    }

    [Theory]
    [InlineData("refuse JUDGE_NO_SLOT 2")]
    [InlineData("break 2")]
    public async Task A_judge_that_is_busy_or_breaks_off_is_asked_again(string fault)
    {
        var author = service.Instructor();
        var id = await CompleteAsync(author);
        var source = $"{fault}\n{Guid.CreateVersion7()}";
        await author.PostAsync($"{Route}/{id}/solutions", Solution(source: source));
        (await CheckedAsync(author, id)).Data["state"]!.GetValue<string>().ShouldBe("passed");
        service.Judge.JobsOf(source).Count.ShouldBe(3);
    }

    [Fact]
    public async Task The_judges_own_failure_is_told_only_when_it_stays()
    {
        var author = service.Instructor();
        var id = await CompleteAsync(author);
        var source = $"internal 9\n{Guid.CreateVersion7()}";
        await author.PostAsync($"{Route}/{id}/solutions", Solution(source: source));
        var ended = await CheckedAsync(author, id);
        Results(ended).Last().ShouldBe(("accepted", "internal-error", null));
        service.Judge.JobsOf(source).Count.ShouldBe(3);
    }

    [Fact]
    public async Task A_check_left_behind_by_its_replica_is_taken_up_by_another()
    {
        var author = service.Instructor();
        var id = await CompleteAsync(author);
        var version = (await author.AskAsync($"{Route}/{id}/authoring")).Data["authoringVersion"]!.GetValue<int>();
        await service.WithAsync<ChallengesDbContext, int>(db =>
        {
            db.Checks.Add(new SolutionCheck
            {
                ChallengeId = id,
                Id = Guid.CreateVersion7(),
                State = CheckState.Running,
                AuthoringVersion = version,
                RequestedAt = DateTime.UtcNow.AddMinutes(-5),
                NextTryAt = DateTime.UtcNow.AddMinutes(-5),
                LeasedUntil = DateTime.UtcNow.AddSeconds(-1),
                Turns = 1,
            });
            return db.SaveChangesAsync();
        });
        await Eventually.SeesAsync(() => author.AskAsync($"{Route}/{id}/check"), a => a.Data["state"]!.GetValue<string>() == "passed", "another replica to finish it");
    }

    [Fact]
    public async Task A_published_challenge_that_is_changed_stays_published_as_another_version()
    {
        var author = service.Instructor();
        var id = await PublishedAsync(author);
        var before = (await service.Anonymous().AskAsync($"{Route}/{id}")).Data["contentVersion"]!.GetValue<int>();
        await author.PutAsync($"{Route}/{id}", Challenge("Another title"));
        (await VersionAsync()).ShouldBe(before);
        await author.PutAsync($"{Route}/{id}", new { title = "T", statement = "S", difficulty = "easy", memoryLimitKb = 65536 });
        (await VersionAsync()).ShouldBe(before + 1);
        var test = (await author.PostAsync($"{Route}/{id}/testcases", Test(sample: false))).Id;
        (await VersionAsync()).ShouldBe(before + 2);
        await author.PutAsync($"{Route}/{id}/testcases/{test}", new { sample = false, input = "1 2\n", expectedOutput = "3\n", explanation = "Why." });
        (await VersionAsync()).ShouldBe(before + 2, "an explanation judges nothing");
        await author.RemoveAsync($"{Route}/{id}/testcases/{test}");
        (await VersionAsync()).ShouldBe(before + 3);
        await author.PostAsync($"{Route}/{id}/solutions", Solution());
        (await VersionAsync()).ShouldBe(before + 3, "learners are not judged by the author's solutions");
        async Task<int> VersionAsync() => (await service.Anonymous().AskAsync($"{Route}/{id}")).Data["contentVersion"]!.GetValue<int>();
    }

    [Fact]
    public async Task A_removed_draft_takes_its_solutions_and_its_check_along()
    {
        var user = Guid.CreateVersion7();
        var author = service.Instructor(user);
        var id = await CompleteAsync(author);
        await CheckedAsync(author, id);
        await service.Events.PublishAsync(new Contracts.Auth.UserDeleted(user));
        await Eventually.TrueAsync(
            () => service.WithAsync<ChallengesDbContext, bool>(async db =>
                !await db.Solutions.AnyAsync(s => s.ChallengeId == id) && !await db.Checks.AnyAsync(c => c.ChallengeId == id)), "nothing of the draft to be left");
    }

    /// <summary>A draft of the caller's with a sample, a hidden test and a reference solution in each language.</summary>
    private static async Task<Guid> CompleteAsync(HttpClient author, params string[] languages)
    {
        var id = await DraftAsync(author);
        await author.PostAsync($"{Route}/{id}/testcases", Test(sample: true));
        await author.PostAsync($"{Route}/{id}/testcases", Test(sample: false));
        foreach (var language in languages is [] ? ["python", "c"] : languages)
            (await author.PostAsync($"{Route}/{id}/solutions", Solution(language))).Status.ShouldBe(HttpStatusCode.Created);
        return id;
    }

    private static List<(string Expected, string Actual, int? Ordinal)> Results(Answer check) => [.. check.Data["solutions"]!.AsArray()
        .Select(s => (s!["expected"]!.GetValue<string>(), s["actual"]!.GetValue<string>(), s["ordinal"] is JsonValue o ? o.GetValue<int>() : (int?)null))];
}

/// <summary>The same service with a judge of its own, which is taken away.</summary>
public sealed class UnjudgedFixture : ChallengesFixture;

public class UnjudgedTests(UnjudgedFixture service) : IClassFixture<UnjudgedFixture>
{
    [Fact]
    public async Task Without_a_judge_nothing_new_is_published_and_the_author_hears_why()
    {
        service.Judge.Refusal = "JUDGE_MAY_NOT_JUDGE";
        var languages = await Eventually.SeesAsync(
            () => service.Anonymous().AskAsync($"{Route}/languages"), a => !a.Data["judging"]!.GetValue<bool>(), "word that there is no judge", TimeSpan.FromSeconds(40));
        languages.Data["languages"]!.AsArray().Select(l => (l!["id"]!.GetValue<string>(), l["available"]!.GetValue<bool>()))
            .ShouldBe(((string[])["python", "javascript", "c", "cpp", "java", "csharp"]).Select(id => (id, false)));
        var author = service.Instructor();
        var id = await DraftAsync(author);
        await author.PostAsync($"{Route}/{id}/testcases", Test(sample: true));
        await author.PostAsync($"{Route}/{id}/testcases", Test(sample: false));
        await author.PostAsync($"{Route}/{id}/solutions", Solution());
        (await author.PostAsync($"{Route}/{id}/check")).Code.ShouldBe("CHALLENGE_LACKS_SOLUTIONS", "what the author can mend comes first");
        var java = (await author.PostAsync($"{Route}/{id}/solutions", Solution("java"))).Id;

        var refuses = await author.PostAsync($"{Route}/{id}/check");
        (refuses.Status, refuses.Code).ShouldBe((HttpStatusCode.ServiceUnavailable, "JUDGE_MAY_NOT_JUDGE"));
        refuses.Headers.RetryAfter.ShouldNotBeNull();
        (await author.PostAsync($"{Route}/{id}/publish")).Code.ShouldBe("CHALLENGE_UNCHECKED");

        service.Judge.Refusal = null;
        await Eventually.SeesAsync(() => service.Anonymous().AskAsync($"{Route}/languages"), a => a.Data["judging"]!.GetValue<bool>(), "the judge to be found");
        service.Judge.Available = ["python", "c"];
        var lacks = await author.PostAsync($"{Route}/{id}/check");
        (lacks.Status, lacks.Code).ShouldBe((HttpStatusCode.ServiceUnavailable, "JUDGE_LANGUAGE_UNAVAILABLE"));
        lacks.Body.ShouldContain("java");
        lacks.Headers.RetryAfter.ShouldNotBeNull();
        await author.PutAsync($"{Route}/{id}/solutions/{java}", Solution("c"));
        (await CheckedAsync(author, id)).Data["state"]!.GetValue<string>().ShouldBe("passed");

        service.Judge.Away = true;
        var away = await author.PostAsync($"{Route}/{id}/check");
        (away.Status, away.Code).ShouldBe((HttpStatusCode.ServiceUnavailable, "JUDGE_AWAY"));
        (await author.PostAsync($"{Route}/{id}/publish")).Status.ShouldBe(HttpStatusCode.OK, "the check has passed, and still counts");
    }
}
