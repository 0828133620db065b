using System.Net;
using Microsoft.EntityFrameworkCore;
using TalentSphere.Challenges.Data;
using TalentSphere.Contracts.Auth;
using TalentSphere.Contracts.Challenges;
using TalentSphere.TestKit;
using static TalentSphere.Challenges.Tests.ChallengesFixture;

namespace TalentSphere.Challenges.Tests.Judging;

public class VerdictTests(ChallengesFixture service)
{
    private readonly Guid _user = Guid.CreateVersion7();

    [Fact]
    public async Task A_right_solution_is_accepted_and_everybody_who_has_to_hears_of_it_once()
    {
        var id = await PublishedAsync(service.Instructor(), difficulty: "medium");
        var learner = service.Learner(_user);
        var submission = await SubmitAsync(learner, id, "cpu 31\nmemory 4096");
        var judged = await JudgedAsync(learner, submission);
        judged["verdict"]!.GetValue<string>().ShouldBe("accepted");
        var judgement = judged["judgement"]!;
        judgement["toolchain"]!.GetValue<string>().ShouldBe("Stand-in 1.0");
        (judgement["cpuMs"]!.GetValue<int>(), judgement["memoryKb"]!.GetValue<int>()).ShouldBe((31, 4096));
        judgement["tests"]!.AsArray().Select(t => (t!["ordinal"]!.GetValue<int>(), t["sample"]!.GetValue<bool>(), t["verdict"]!.GetValue<string>()))
            .ShouldBe([(1, true, "accepted"), (2, false, "accepted")]);
        var attempt = judged["attempt"]!.GetValue<int>();
        (await service.Events.ExpectAsync<SubmissionApproved>(1, e => e.SubmissionId == submission))[0]
            .ShouldBe(new SubmissionApproved(submission, _user, id, "Add two numbers", "accepted", 100, 31, 4096, attempt));
        (await service.Events.ExpectAsync<TestCasePassed>(2, e => e.SubmissionId == submission)).Select(e => e.Ordinal).ShouldBe([1, 2]);
        service.Events.Of<SubmissionRejected>(e => e.SubmissionId == submission).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("wrong-answer")]
    [InlineData("time-limit")]
    [InlineData("memory-limit")]
    [InlineData("output-limit")]
    [InlineData("runtime-error")]
    public async Task A_solution_that_fails_a_hidden_test_is_rejected_with_that_verdict(string verdict)
    {
        var id = await PublishedAsync(service.Instructor());
        var learner = service.Learner(_user);
        var submission = await SubmitAsync(learner, id, "verdict " + verdict);
        var judged = await JudgedAsync(learner, submission);
        judged["verdict"]!.GetValue<string>().ShouldBe(verdict);
        // A program chooses its exit code: of a hidden test it is nobody's to know.
        judged["judgement"]!["tests"]![1]!["detail"]?.GetValue<string>().ShouldBe(verdict == "time-limit" ? "cpu" : null);
        (await service.Events.ExpectAsync<SubmissionRejected>(1, e => e.SubmissionId == submission))[0].Verdict.ShouldBe(verdict);
        await service.Events.ExpectAsync<TestCasePassed>(1, e => e.SubmissionId == submission && e.Ordinal == 1);
        (await service.Events.ExpectAsync<TestCaseFailed>(1, e => e.SubmissionId == submission))[0].Verdict.ShouldBe(verdict);
    }

    [Fact]
    public async Task What_the_compiler_said_is_for_whoever_wrote_the_source()
    {
        var author = service.Instructor();
        var id = await PublishedAsync(author);
        var learner = service.Learner(_user);
        var submission = await SubmitAsync(learner, id, "compile-error main.c:1: expected ';'", "c");
        var judged = await JudgedAsync(learner, submission);
        judged["verdict"]!.GetValue<string>().ShouldBe("compile-error");
        judged["judgement"]!["compileMessages"]!.GetValue<string>().ShouldBe("main.c:1: expected ';'");
        judged["judgement"]!["tests"]!.AsArray().ShouldBeEmpty();
        (await JudgedAsync(author, submission))["judgement"]!["compileMessages"].ShouldBeNull();
    }

    [Fact]
    public async Task Nothing_of_a_hidden_test_leaves_however_much_the_judge_tells()
    {
        const string canary = "canary-of-a-hidden-test";
        var author = service.Instructor();
        var id = await DraftAsync(author);
        await author.PostAsync($"{Route}/{id}/testcases", Test(sample: true));
        await author.PostAsync($"{Route}/{id}/testcases", Test(sample: false, canary + "-in", canary + "-out"));
        await PublishAsync(author, id);
        var learner = service.Learner(_user);
        var submission = await SubmitAsync(learner, id, "tell\nverdict runtime-error");
        await JudgedAsync(learner, submission);
        service.Judge.JobsOf("tell\nverdict runtime-error").ShouldContain(j => j.ToJsonString().Contains(canary), "the judge itself has to know it");
        await service.Events.ExpectAsync<SubmissionRejected>(1, e => e.SubmissionId == submission);
        var run = await learner.PostAsync($"{Route}/{id}/run", new { language = "python", code = "tell" });
        run.Status.ShouldBe(HttpStatusCode.OK);
        foreach (var answer in new[] { run.Body, (await learner.AskAsync($"/api/v1/submissions/{submission}")).Body, (await learner.AskAsync("/api/v1/submissions")).Body, (await learner.AskAsync($"{Route}/{id}/leaderboard")).Body })
            answer.ShouldNotContain(canary);
        var proof = (await learner.AskAsync($"/api/v1/submissions/{submission}/verdict")).Data["proof"]!.GetValue<string>();
        string.Join('\n', proof.Split('.').Take(2).Select(p => System.Text.Encoding.UTF8.GetString(System.Buffers.Text.Base64Url.DecodeFromChars(p)))).ShouldNotContain(canary);
        service.Events.Heard.ShouldAllBe(e => !e.Data.ToString().Contains(canary));
        (await service.WithAsync<ChallengesDbContext, List<string>>(db => db.Database.SqlQuery<string>($"SELECT to_jsonb(j)::text AS \"Value\" FROM judgements j WHERE submission_id = {submission}").ToListAsync()))
            .ShouldAllBe(row => !row.Contains(canary));
    }

    [Fact]
    public async Task My_submissions_are_found_by_status_verdict_and_language()
    {
        var id = await PublishedAsync(service.Instructor());
        var learner = service.Learner(_user);
        var good = await SubmitAsync(learner, id, "cpu 1");
        var bad = await SubmitAsync(learner, id, "verdict wrong-answer", "c");
        await JudgedAsync(learner, good);
        await JudgedAsync(learner, bad);
        async Task<IEnumerable<Guid>> FindAsync(string query) =>
            (await learner.AskAsync("/api/v1/submissions?" + query)).Data.AsArray().Select(s => s!["id"]!.GetValue<Guid>());
        (await FindAsync("verdict=accepted")).ShouldBe([good]);
        (await FindAsync("verdict=wrong-answer&language=c")).ShouldBe([bad]);
        (await FindAsync("status=judged")).ShouldBe([bad, good]);
        (await FindAsync("status=queued")).ShouldBeEmpty();
        (await learner.AskAsync("/api/v1/submissions?status=x&verdict=x&language=x")).Fields.ShouldBe(["language", "status", "verdict"]);
    }

    [Fact]
    public async Task The_leaderboard_has_everybodys_best_accepted_submission_in_pages()
    {
        var id = await PublishedAsync(service.Instructor());
        var people = Enumerable.Range(0, 5).Select(_ => Guid.CreateVersion7()).ToArray();
        (string Code, int Who)[] submissions =
        [
            ("cpu 50\nmemory 100", 0), ("cpu 20\nmemory 900", 0), ("cpu 20\nmemory 300", 1), ("cpu 10\nmemory 999\nverdict wrong-answer", 2), ("cpu 20\nmemory 900", 3), ("cpu 5\nmemory 5", 4),
        ];
        foreach (var (code, who) in submissions)
            await JudgedAsync(service.Learner(people[who]), await SubmitAsync(service.Learner(people[who]), id, code));
        var learner = service.Learner(_user);
        var board = await learner.AskAsync($"{Route}/{id}/leaderboard");
        board.Data.AsArray().Select(e => (e!["rank"]!.GetValue<int>(), e["userId"]!.GetValue<Guid>(), e["cpuMs"]!.GetValue<int>(), e["memoryKb"]!.GetValue<int>()))
            .ShouldBe([(1, people[4], 5, 5), (2, people[1], 20, 300), (3, people[0], 20, 900), (4, people[3], 20, 900)]);
        var second = await learner.AskAsync($"{Route}/{id}/leaderboard?limit=2&page=2");
        second.Data.AsArray().Select(e => e!["rank"]!.GetValue<int>()).ShouldBe([3, 4]);
        second.Json["meta"]!["total"]!.GetValue<int>().ShouldBe(4);
        (await learner.AskAsync($"{Route}/{await DraftAsync(service.Instructor())}/leaderboard")).Status.ShouldBe(HttpStatusCode.NotFound);
        (await service.Anonymous().AskAsync($"{Route}/{id}/leaderboard")).Status.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task A_run_shows_what_the_samples_gave_and_records_nothing()
    {
        var id = await PublishedAsync(service.Instructor());
        var learner = service.Learner(_user);
        var run = await learner.PostAsync($"{Route}/{id}/run", new { language = "python", code = "cpu 3" });
        run.Data["verdict"]!.GetValue<string>().ShouldBe("accepted");
        run.Data["tests"]!.AsArray().Single()!["output"]!.GetValue<string>().ShouldBe("3\n");
        var own = await learner.PostAsync($"{Route}/{id}/run", new { language = "python", code = "verdict wrong-answer", input = "9 9\n" });
        own.Data["tests"]!.AsArray().Single()!["ordinal"]!.GetValue<int>().ShouldBe(0);
        own.Data["verdict"]!.GetValue<string>().ShouldBe("accepted");
        service.Judge.JobsOf("verdict wrong-answer").ShouldContain(j => j["tests"]!.AsArray().Count == 1 && j["tests"]![0]!["input"]!.GetValue<string>() == "9 9\n");
        (await learner.AskAsync("/api/v1/submissions")).Data.AsArray().ShouldBeEmpty();
        service.Events.Of<SubmissionSubmitted>(e => e.UserId == _user).ShouldBeEmpty();
        (await learner.PostAsync($"{Route}/{id}/run", new { language = "cobol", code = "", input = "\0" })).Fields.ShouldBe(["code", "input", "language"]);
        (await learner.PostAsync($"{Route}/{await DraftAsync(service.Instructor())}/run", new { language = "c", code = "x" })).Status.ShouldBe(HttpStatusCode.NotFound);
        (await service.Anonymous().PostAsync($"{Route}/{id}/run", new { language = "c", code = "x" })).Status.ShouldBe(HttpStatusCode.Unauthorized);
        var refused = await learner.PostAsync($"{Route}/{id}/run", new { language = "c", code = "refuse JUDGE_NO_SLOT 1" });
        (refused.Status, refused.Code).ShouldBe((HttpStatusCode.ServiceUnavailable, "JUDGE_NO_SLOT"));
        refused.Headers.RetryAfter!.Delta.ShouldBe(TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task A_rejudgement_changes_verdicts_keeps_history_and_is_for_the_author_alone()
    {
        var author = service.Instructor();
        var id = await PublishedAsync(author);
        var learner = service.Learner(_user);
        // An internal error of the judge the second time stands for tests that were mended meanwhile: here the source decides.
        var turns = await SubmitAsync(learner, id, "verdict wrong-answer\ncpu 7");
        var stays = await SubmitAsync(learner, id, "cpu 8");
        var first = await JudgedAsync(learner, turns);
        await JudgedAsync(learner, stays);
        (await learner.PostAsync($"{Route}/{id}/rejudge")).Status.ShouldBe(HttpStatusCode.Forbidden);
        (await service.Instructor().PostAsync($"{Route}/{id}/rejudge")).Status.ShouldBe(HttpStatusCode.NotFound);
        var taken = await author.PostAsync($"{Route}/{id}/rejudge");
        taken.Status.ShouldBe(HttpStatusCode.Accepted);
        taken.Data["queued"]!.GetValue<int>().ShouldBe(2);
        var again = await JudgedAsync(learner, turns, after: first["attempt"]!.GetValue<int>());
        again["history"]!.AsArray().Select(j => j!["attempt"]!.GetValue<int>()).ShouldBe([again["attempt"]!.GetValue<int>(), first["attempt"]!.GetValue<int>()]);
        await JudgedAsync(learner, stays, after: 1);
        // Nothing changed, so nobody is told twice.
        await service.Events.ExpectAsync<SubmissionRejected>(1, e => e.SubmissionId == turns);
        await service.Events.ExpectAsync<SubmissionApproved>(1, e => e.SubmissionId == stays);
        (await service.SignedIn(Guid.CreateVersion7(), Roles.Admin).PostAsync($"{Route}/{id}/rejudge")).Status.ShouldBe(HttpStatusCode.Accepted);
    }
}
