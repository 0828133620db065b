using System.Net;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using TalentSphere.Challenges.Catalogue;
using TalentSphere.Challenges.Data;
using TalentSphere.Challenges.Judging;
using TalentSphere.Challenges.Submissions;
using TalentSphere.Contracts.Auth;
using TalentSphere.Contracts.Challenges;
using TalentSphere.TestKit;
using static TalentSphere.Challenges.Tests.ChallengesFixture;
using UserErased = TalentSphere.Contracts.Challenges.UserErased;

namespace TalentSphere.Challenges.Tests.Judging;

public sealed class QueueTests(JudgingFixture service) : IClassFixture<JudgingFixture>, IAsyncLifetime
{
    private readonly Guid _user = Guid.CreateVersion7();
    private readonly string _mark = $"{Guid.CreateVersion7():N}";
    private Guid _challenge;
    private HttpClient _learner = null!;

    public async ValueTask InitializeAsync()
    {
        (service.Judge.Slots, service.Judge.Refusal, service.Judge.Away) = (4, null, false);
        _challenge = await PublishedAsync(service.Instructor());
        _learner = service.Learner(_user);
        await Eventually.TrueAsync(() => service.Services.GetRequiredService<JudgeAvailability>().Ready is { Slots: 4 }, "the judge to be there");
    }

    public ValueTask DisposeAsync()
    {
        service.Judge.Open(_mark);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task While_there_is_no_judge_submissions_wait_and_the_service_says_so_and_serves()
    {
        service.Judge.Away = true;
        await DegradedAsync();
        var submission = await SubmitAsync(_learner, _challenge, _mark);
        var asked = service.Judge.Requests;
        (await _learner.AskAsync($"/api/v1/submissions/{submission}")).Data["status"]!.GetValue<string>().ShouldBe("queued");
        var run = await _learner.PostAsync($"{Route}/{_challenge}/run", new { language = "c", code = "x" });
        (run.Status, run.Headers.RetryAfter is null).ShouldBe((HttpStatusCode.ServiceUnavailable, false));
        // Asked again with pauses, not in a loop: a second has room for three or four of the first ones.
        await Eventually.TrueAsync(() => service.Judge.Requests > asked + 2, "the judge to be asked again");
        (service.Judge.Requests - asked).ShouldBeLessThan(12);
        service.Judge.Away = false;
        (await JudgedAsync(_learner, submission))["verdict"]!.GetValue<string>().ShouldBe("accepted");
        (await JudgedAsync(_learner, submission))["attempt"]!.GetValue<int>().ShouldBe(1, "nobody tried while nobody was there");
    }

    [Fact]
    public async Task A_judge_that_may_not_judge_gets_nothing()
    {
        service.Judge.Refusal = "JUDGE_MAY_NOT_JUDGE";
        await DegradedAsync();
        var submission = await SubmitAsync(_learner, _challenge, _mark);
        service.Judge.JobsOf(_mark).ShouldBeEmpty();
        (await StateAsync(submission)).Status.ShouldBe(SubmissionStatus.Queued);
        service.Judge.Refusal = null;
        await JudgedAsync(_learner, submission);
    }

    [Fact]
    public async Task A_language_that_is_missing_holds_up_no_other()
    {
        service.Judge.Available = ["python"];
        try
        {
            await Eventually.TrueAsync(() => service.Services.GetRequiredService<JudgeAvailability>().Languages.Count == 1, "the languages to be known");
            var waits = await SubmitAsync(_learner, _challenge, _mark, "java");
            await JudgedAsync(_learner, await SubmitAsync(_learner, _challenge, _mark, "python"));
            (await StateAsync(waits)).Status.ShouldBe(SubmissionStatus.Queued);
            service.Judge.Available = ["python", "java", "c", "cpp", "csharp", "javascript"];
            await JudgedAsync(_learner, waits);
        }
        finally
        {
            service.Judge.Available = ["python", "java", "c", "cpp", "csharp", "javascript"];
        }
    }

    [Fact]
    public async Task One_persons_many_do_not_hold_up_the_next_persons_one()
    {
        service.Judge.Slots = 1;
        await Eventually.TrueAsync(() => service.Services.GetRequiredService<JudgeAvailability>().Ready is { Slots: 1 }, "the one slot to be known");
        var first = await SubmitAsync(_learner, _challenge, $"{_mark} first\nwait {_mark}");
        await Eventually.TrueAsync(() => service.Judge.Running == 1, "the first to be at it");
        for (var i = 0; i < 15; i++)
            await SubmitAsync(_learner, _challenge, $"{_mark} many {i}");
        var next = service.Learner();
        await SubmitAsync(next, _challenge, $"{_mark} next 1");
        await SubmitAsync(next, _challenge, $"{_mark} next 2");
        await SubmitAsync(service.Learner(), _challenge, $"{_mark} third");
        service.Judge.Open(_mark);
        await JudgedAsync(_learner, first);
        await Eventually.SeesAsync(() => Task.FromResult(Marked()), jobs => jobs.Count == 19, "all of them", TimeSpan.FromSeconds(40));
        var order = Marked();
        // Those who have nothing under way come first, in the order in which they came; then everybody in turn.
        order[..4].ShouldBe(["first", "next 1", "third", "many 0"]);
        order[..6].ShouldContain("next 2");
        order[6..].ShouldAllBe(o => o.StartsWith("many"));
        service.Judge.MostAtATime.ShouldBeLessThanOrEqualTo(4);
    }

    [Fact]
    public async Task Nobody_has_more_than_so_many_waiting()
    {
        service.Judge.Slots = 1;
        var answers = new List<Answer>();
        await Eventually.TrueAsync(() => service.Services.GetRequiredService<JudgeAvailability>().Ready is { Slots: 1 }, "the one slot to be known");
        await SubmitAsync(_learner, _challenge, $"{_mark} first\nwait {_mark}");
        await Eventually.TrueAsync(() => service.Judge.Running == 1, "the first to be at it");
        // Side by side: neither of two that are both the last may slip in.
        answers.AddRange(await Task.WhenAll(Enumerable.Range(0, 24).Select(i => _learner.PostAsync($"{Route}/{_challenge}/submissions", new { language = "c", code = $"{_mark} {i}" }))));
        answers.Count(a => a.Status == HttpStatusCode.Accepted).ShouldBe(19);
        var refused = answers.First(a => a.Status != HttpStatusCode.Accepted);
        (refused.Status, refused.Code).ShouldBe((HttpStatusCode.TooManyRequests, "SUBMISSIONS_PENDING"));
        refused.Headers.RetryAfter.ShouldNotBeNull();
        await SubmitAsync(service.Learner(), _challenge, $"{_mark} another");
        service.Judge.Open(_mark);
        await Eventually.TrueAsync(async () => await CountAsync("submissions WHERE status <> 'Judged'") == 0, "the queue to be empty", TimeSpan.FromSeconds(40));
    }

    [Fact]
    public async Task What_a_dead_dispatcher_held_is_judged_by_another_and_its_late_verdict_is_dropped()
    {
        service.Judge.Slots = 0;
        await DegradedAsync();
        var submission = await SubmitAsync(_learner, _challenge, _mark);
        var queue = service.Services.GetRequiredService<SubmissionQueue>();
        // One that claims, and is heard of no more.
        var dead = (await queue.ClaimAsync(Guid.CreateVersion7(), 10, 10, Languages.All, CancellationToken.None)).Single(c => c.SubmissionId == submission);
        (await StateAsync(submission)).Status.ShouldBe(SubmissionStatus.Running);
        (await queue.ClaimAsync(Guid.CreateVersion7(), 10, 10, Languages.All, CancellationToken.None)).ShouldBeEmpty("it is held");
        service.Judge.Slots = 4;
        var judged = await JudgedAsync(_learner, submission);
        judged["attempt"]!.GetValue<int>().ShouldBe(2);
        (await RecordAsync(dead, "wrong-answer")).ShouldBeFalse();
        (await queue.RenewAsync(dead.Worker, [submission], CancellationToken.None)).ShouldBeEmpty();
        await queue.ReleaseAsync(dead, pause: null, CancellationToken.None);
        (await JudgedAsync(_learner, submission))["history"]!.AsArray().Count.ShouldBe(1);
        await service.Events.ExpectAsync<SubmissionApproved>(1, e => e.SubmissionId == submission);
        service.Events.Of<SubmissionRejected>(e => e.SubmissionId == submission).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_verdict_is_written_once_whoever_writes_it_and_however_many_try()
    {
        service.Judge.Slots = 0;
        await DegradedAsync();
        var submission = await SubmitAsync(_learner, _challenge, _mark);
        var queue = service.Services.GetRequiredService<SubmissionQueue>();
        // Ten dispatchers at one submission: one gets it.
        var claims = (await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => queue.ClaimAsync(Guid.CreateVersion7(), 4, 10, Languages.All, CancellationToken.None)))).SelectMany(c => c).ToList();
        var claim = claims.ShouldHaveSingleItem();
        var written = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => RecordAsync(claim, "accepted")));
        written.Count(w => w).ShouldBe(1);
        (await JudgedAsync(_learner, submission))["history"]!.AsArray().Count.ShouldBe(1);
        await service.Events.ExpectAsync<SubmissionApproved>(1, e => e.SubmissionId == submission);
        await service.Events.ExpectAsync<TestCasePassed>(2, e => e.SubmissionId == submission);
    }

    [Fact]
    public async Task A_judge_that_breaks_off_is_tried_again_and_only_the_last_answer_counts()
    {
        var submission = await SubmitAsync(_learner, _challenge, $"{_mark}\nbreak 2\nverdict wrong-answer");
        var judged = await JudgedAsync(_learner, submission);
        (judged["attempt"]!.GetValue<int>(), judged["verdict"]!.GetValue<string>()).ShouldBe((3, "wrong-answer"));
        judged["judgement"]!["tests"]!.AsArray().Count.ShouldBe(2);
        await service.Events.ExpectAsync<TestCasePassed>(1, e => e.SubmissionId == submission);
        await service.Events.ExpectAsync<SubmissionRejected>(1, e => e.SubmissionId == submission);
    }

    [Theory]
    [InlineData("internal 2", 3, "accepted")]
    [InlineData("internal 99", 5, "internal-error")]
    [InlineData("break 99", 5, "internal-error")]
    [InlineData("nonsense\nverdict wrong-answer", 5, "internal-error")]
    public async Task What_the_judge_cannot_judge_is_tried_a_few_times(string how, int attempts, string verdict)
    {
        var submission = await SubmitAsync(_learner, _challenge, $"{_mark}\n{how}");
        var judged = await JudgedAsync(_learner, submission);
        (judged["attempt"]!.GetValue<int>(), judged["verdict"]!.GetValue<string>()).ShouldBe((attempts, verdict));
        judged["history"]!.AsArray().Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_judge_without_a_free_slot_costs_nothing_but_time()
    {
        var submission = await SubmitAsync(_learner, _challenge, $"{_mark}\nrefuse JUDGE_NO_SLOT 6");
        (await JudgedAsync(_learner, submission))["verdict"]!.GetValue<string>().ShouldBe("accepted");
        (await StateAsync(submission)).Failures.ShouldBe(0);
        service.Judge.JobsOf($"{_mark}\nrefuse JUDGE_NO_SLOT 6").Count.ShouldBe(7);
    }

    [Fact]
    public async Task A_replica_that_stops_hands_over_at_once_and_two_share_the_slots()
    {
        service.Judge.Slots = 2;
        await Eventually.TrueAsync(() => service.Services.GetRequiredService<JudgeAvailability>().Ready is { Slots: 2 }, "the two slots to be known");
        List<Guid> submissions = [];
        await using (var second = new Replica(service))
        {
            await second.StartAsync();
            for (var i = 0; i < 12; i++)
                submissions.Add(await SubmitAsync(_learner, _challenge, $"{_mark} {i}\nwait {_mark}"));
            await Eventually.TrueAsync(() => service.Judge.Running == 2, "both slots to be taken");
            (await CountAsync("submissions WHERE status = 'Running'")).ShouldBe(2);
        }
        service.Judge.Open(_mark);
        foreach (var submission in submissions)
            (await JudgedAsync(_learner, submission))["verdict"]!.GetValue<string>().ShouldBe("accepted");
        foreach (var submission in submissions)
            await service.Events.ExpectAsync<SubmissionApproved>(1, e => e.SubmissionId == submission);
        (await CountAsync("submissions s WHERE challenge_id = $1 AND failures > 0", _challenge)).ShouldBe(0);
    }

    [Fact]
    public async Task Judging_that_a_rejudgement_overtakes_is_begun_anew()
    {
        var author = Guid.CreateVersion7();
        var challenge = await PublishedAsync(service.Instructor(author), hidden: "old\n");
        var submission = await SubmitAsync(_learner, challenge, $"{_mark}\nwait {_mark}");
        await Eventually.TrueAsync(() => service.Judge.JobsOf($"{_mark}\nwait {_mark}").Count == 1, "judging to begin");
        var tests = (await service.Instructor(author).AskAsync($"{Route}/{challenge}/testcases")).Data.AsArray();
        await service.Instructor(author).PutAsync($"{Route}/{challenge}/testcases/{tests[1]!["id"]}", Test(sample: false, "new\n", "7\n"));
        var taken = (await service.Instructor(author).PostAsync($"{Route}/{challenge}/rejudge")).Data;
        (taken["queued"]!.GetValue<int>(), taken["restarted"]!.GetValue<int>()).ShouldBe((0, 1));
        await Eventually.TrueAsync(() => service.Judge.JobsOf($"{_mark}\nwait {_mark}").Count == 2, "judging to begin anew");
        service.Judge.Open(_mark);
        var judged = await JudgedAsync(_learner, submission);
        judged["attempt"]!.GetValue<int>().ShouldBe(2);
        service.Judge.JobsOf($"{_mark}\nwait {_mark}")[1].ToJsonString().ShouldContain("new\\n");
        judged["history"]!.AsArray().Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_rejudgement_waits_behind_what_people_hand_in()
    {
        service.Judge.Slots = 1;
        await Eventually.TrueAsync(() => service.Services.GetRequiredService<JudgeAvailability>().Ready is { Slots: 1 }, "the one slot to be known");
        var author = Guid.CreateVersion7();
        var challenge = await PublishedAsync(service.Instructor(author));
        for (var i = 0; i < 3; i++)
            await JudgedAsync(_learner, await SubmitAsync(_learner, challenge, $"{_mark} old {i}"));
        var holds = await SubmitAsync(service.Learner(), _challenge, $"holds\nwait {_mark}");
        await Eventually.TrueAsync(() => service.Judge.Running == 1, "the slot to be taken");
        (await service.Instructor(author).PostAsync($"{Route}/{challenge}/rejudge")).Data["queued"]!.GetValue<int>().ShouldBe(3);
        await SubmitAsync(_learner, challenge, $"{_mark} new 0");
        await SubmitAsync(_learner, challenge, $"{_mark} new 1");
        // The verdict in force stays while its submission waits.
        (await _learner.AskAsync($"{Route}/{challenge}/leaderboard")).Data.AsArray().Count.ShouldBe(1);
        service.Judge.Open(_mark);
        await Eventually.SeesAsync(() => Task.FromResult(Marked()), jobs => jobs.Count == 8, "all of them", TimeSpan.FromSeconds(40));
        Marked()[3..5].ShouldBe(["new 0", "new 1"]);
        await Eventually.TrueAsync(async () => await CountAsync("submissions WHERE status <> 'Judged'") == 0, "the queue to be empty");
    }

    [Fact]
    public async Task Who_is_erased_while_judged_gets_no_verdict_and_leaves_nothing()
    {
        var submission = await SubmitAsync(_learner, _challenge, $"{_mark}\nwait {_mark}");
        var done = await SubmitAsync(_learner, _challenge, $"{_mark} done");
        await JudgedAsync(_learner, done);
        await Eventually.TrueAsync(() => service.Judge.Running == 1, "judging to begin");
        await service.Events.PublishAsync(new UserDeleted(_user));
        (await service.Events.ExpectAsync<UserErased>(1, e => e.UserId == _user))[0].Records.ShouldBe(2);
        service.Judge.Open(_mark);
        await Eventually.TrueAsync(() => service.Judge.Running == 0, "judging to end");
        var other = service.Learner();
        await JudgedAsync(other, await SubmitAsync(other, _challenge, $"{_mark} later"));
        (await CountAsync("submissions WHERE user_id = $1", _user)).ShouldBe(0);
        (await CountAsync("judgements WHERE submission_id IN ($1, $2)", submission, done)).ShouldBe(0);
        service.Events.Of<SubmissionApproved>(e => e.SubmissionId == submission).ShouldBeEmpty();
        (await Traces.InDatabaseAsync(service.ConnectionString, $"{_mark} done")).ShouldBeEmpty();
    }

    private Task DegradedAsync() => Eventually.SeesAsync(
        () => service.Anonymous().GetStringAsync("/ready"), r => r.Contains("\"judge\":{\"status\":\"degraded\"") && r.StartsWith("{\"status\":\"degraded\""), "the service to say that it has no judge");

    /// <summary>What this test handed in, in the order in which the judge got it, by what follows the mark.</summary>
    private List<string> Marked() =>
        [.. service.Judge.Jobs.Select(j => j["source"]!.GetValue<string>().Split('\n')[0]).Where(s => s.StartsWith(_mark + " ")).Select(s => s[(_mark.Length + 1)..])];

    private Task<Submission> StateAsync(Guid id) => service.WithAsync<ChallengesDbContext, Submission>(db => db.Submissions.AsNoTracking().SingleAsync(s => s.Id == id));

    /// <summary>Writes a verdict as a dispatcher does.</summary>
    private async Task<bool> RecordAsync(Claim claim, string verdict)
    {
        await using var scope = service.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ChallengesDbContext>();
        var challenge = await db.Challenges.AsNoTracking().Include(c => c.TestCases).SingleAsync(c => c.Id == _challenge);
        var trial = new Trial(challenge.JobFor("python", "", challenge.TestCases), new HashSet<int> { 1 });
        trial.Take(new JudgeTested(1, 1, 2, "accepted", 1, 1, 1, null));
        trial.Take(new JudgeTested(2, 2, 2, verdict, 1, 1, 1, null));
        trial.Take(new JudgeFinished(verdict, 1, 1, "x"));
        return await scope.ServiceProvider.GetRequiredService<RecordVerdict>().RunAsync(db, claim, challenge, trial, CancellationToken.None);
    }

    private async Task<int> CountAsync(string from, params object[] values)
    {
        await using var connection = new NpgsqlConnection(service.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand("SELECT count(*)::int FROM " + from, connection);
        foreach (var value in values)
            command.Parameters.Add(new() { Value = value });
        return (int)(await command.ExecuteScalarAsync())!;
    }
}
