using System.Net;
using Microsoft.EntityFrameworkCore;
using TalentSphere.Challenges.Data;
using TalentSphere.Contracts.Auth;
using TalentSphere.Contracts.Challenges;
using TalentSphere.ServiceDefaults.Auth;
using TalentSphere.TestKit;
using static TalentSphere.Challenges.Tests.ChallengesFixture;
using UserErased = TalentSphere.Contracts.Challenges.UserErased;

namespace TalentSphere.Challenges.Tests;

public class SubmissionTests(ChallengesFixture service)
{
    private readonly Guid _user = Guid.CreateVersion7();

    [Theory]
    [InlineData("python")]
    [InlineData("javascript")]
    [InlineData("c")]
    [InlineData("cpp")]
    [InlineData("java")]
    [InlineData("csharp")]
    public async Task A_solution_is_queued_announced_and_kept_as_it_came(string language)
    {
        var id = await PublishedAsync(service.Instructor());
        var learner = service.Learner(_user);
        const string code = "  print('ä €  ')\r\n\t";
        var taken = await learner.PostAsync($"{Route}/{id}/submissions", new { language, code });
        taken.Status.ShouldBe(HttpStatusCode.Accepted);
        taken.Headers.Location!.ToString().ShouldBe($"/api/v1/submissions/{taken.Id}");
        taken.Data["status"]!.GetValue<string>().ShouldBe("queued");
        var announced = (await service.Events.ExpectAsync<SubmissionSubmitted>(1, e => e.SubmissionId == taken.Id))[0];
        announced.ShouldBe(new SubmissionSubmitted(taken.Id, _user, id, language));
        var read = await learner.AskAsync($"/api/v1/submissions/{taken.Id}");
        read.Data["code"]!.GetValue<string>().ShouldBe(code);
    }

    [Fact]
    public async Task A_submission_is_for_its_owner_the_challenges_author_and_admins()
    {
        var author = service.Instructor();
        var id = await PublishedAsync(author);
        var submission = (await service.Learner(_user).PostAsync($"{Route}/{id}/submissions", new { language = "c", code = "int main;" })).Id;
        var route = $"/api/v1/submissions/{submission}";
        (await author.AskAsync(route)).Status.ShouldBe(HttpStatusCode.OK);
        (await service.SignedIn(Guid.CreateVersion7(), Roles.Admin).AskAsync(route)).Status.ShouldBe(HttpStatusCode.OK);
        (await service.Learner().AskAsync(route)).Status.ShouldBe(HttpStatusCode.NotFound);
        (await service.Instructor().AskAsync(route)).Status.ShouldBe(HttpStatusCode.NotFound);
        (await service.Anonymous().AskAsync(route)).Status.ShouldBe(HttpStatusCode.Unauthorized);
        (await author.AskAsync("/api/v1/submissions")).Data.AsArray().ShouldBeEmpty();
    }

    [Fact]
    public async Task My_submissions_come_in_pages_newest_first()
    {
        var author = service.Instructor();
        var (one, other) = (await PublishedAsync(author), await PublishedAsync(author));
        var learner = service.Learner(_user);
        var ids = new List<Guid>();
        for (var i = 0; i < 3; i++)
            ids.Insert(0, (await learner.PostAsync($"{Route}/{one}/submissions", new { language = "c", code = "int main;" })).Id);
        await learner.PostAsync($"{Route}/{other}/submissions", new { language = "c", code = "int main;" });
        var mine = await learner.AskAsync($"/api/v1/submissions?challenge={one}");
        mine.Data.AsArray().Select(s => s!["id"]!.GetValue<Guid>()).ShouldBe(ids);
        mine.Body.ShouldNotContain("int main");
        (await learner.AskAsync("/api/v1/submissions?limit=1&page=4")).Data[0]!["id"]!.GetValue<Guid>().ShouldBe(ids[2]);
        var wrong = await learner.AskAsync("/api/v1/submissions?challenge=nope");
        wrong.Status.ShouldBe(HttpStatusCode.UnprocessableEntity);
        wrong.Fields.ShouldBe(["challenge"]);
    }

    [Fact]
    public async Task Nobody_submits_to_a_draft_or_to_nothing()
    {
        var author = service.Instructor();
        var body = new { language = "c", code = "int main;" };
        (await service.Learner().PostAsync($"{Route}/{await DraftAsync(author)}/submissions", body)).Status.ShouldBe(HttpStatusCode.NotFound);
        (await service.Learner().PostAsync($"{Route}/{Guid.CreateVersion7()}/submissions", body)).Status.ShouldBe(HttpStatusCode.NotFound);
        (await service.Anonymous().PostAsync($"{Route}/{await PublishedAsync(author)}/submissions", body)).Status.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Every_wrong_field_of_a_submission_is_named()
    {
        var route = $"{Route}/{await PublishedAsync(service.Instructor())}/submissions";
        var learner = service.Learner();
        (await learner.PostAsync(route, new { })).Fields.ShouldBe(["code", "language"]);
        (await learner.PostAsync(route, new { language = "cobol", code = "" })).Fields.ShouldBe(["code", "language"]);
        (await learner.PostAsync(route, new { language = "Python", code = "a\0b" })).Fields.ShouldBe(["code", "language"]);
        (await learner.PostAsync(route, new { language = 1, code = new[] { "x" } })).Fields.ShouldBe(["code", "language"]);
        (await learner.PostTextAsync(route, "{ \"language\": \"c\", \"code\": \"\\ud800\" }")).Status.ShouldBeOneOf(HttpStatusCode.BadRequest, HttpStatusCode.UnprocessableEntity);
        (await learner.PostTextAsync(route, "{")).Status.ShouldBe(HttpStatusCode.BadRequest);
        (await learner.PostTextAsync(route, $$"""{ "code": "{{new string('x', 1_100_000)}}" }""")).Status.ShouldBe(HttpStatusCode.RequestEntityTooLarge);
        // Bytes count, not characters.
        (await learner.PostAsync(route, new { language = "c", code = new string('ä', 32 * 1024) })).Status.ShouldBe(HttpStatusCode.Accepted);
        (await learner.PostAsync(route, new { language = "c", code = new string('ä', (32 * 1024) + 1) })).Fields.ShouldBe(["code"]);
    }

    [Fact]
    public async Task A_deleted_account_leaves_no_code_behind()
    {
        var id = await PublishedAsync(service.Instructor());
        await service.Learner(_user).PostAsync($"{Route}/{id}/submissions", new { language = "c", code = "int main;" });
        await service.Learner().PostAsync($"{Route}/{id}/submissions", new { language = "c", code = "int main;" });
        await service.Events.PublishAsync(new UserDeleted(_user));
        (await service.Events.ExpectAsync<UserErased>(1, e => e.UserId == _user))[0].Records.ShouldBe(1);
        (await service.WithAsync<ChallengesDbContext, List<Guid>>(db => db.Submissions.Where(s => s.ChallengeId == id).Select(s => s.UserId).ToListAsync()))
            .ShouldHaveSingleItem().ShouldNotBe(_user);
        (await service.Learner(_user).PostAsync($"{Route}/{id}/submissions", new { language = "c", code = "int main;" })).Code
            .ShouldBe("AUTH_TOKEN_INVALID", "a token that has not expired yet writes nothing");
    }

    [Fact]
    public async Task A_deleted_author_leaves_no_drafts_and_hands_published_challenges_to_the_system()
    {
        var author = service.Instructor(_user);
        var draft = await DraftAsync(author);
        await author.PostAsync($"{Route}/{draft}/testcases", Test(sample: true));
        var published = await PublishedAsync(author);
        var others = await DraftAsync(service.Instructor());
        await service.Events.PublishAsync(new UserDeleted(_user));
        (await service.Events.ExpectAsync<UserErased>(1, e => e.UserId == _user))[0].Records.ShouldBe(2);
        (await service.Anonymous().AskAsync($"{Route}/{published}")).Data["authorId"]!.GetValue<Guid>().ShouldBe(SystemAccount.Id);
        (await service.WithAsync<ChallengesDbContext, List<Guid>>(
            db => db.Challenges.Where(c => c.Id == draft || c.Id == others).Select(c => c.Id).ToListAsync())).ShouldBe([others]);
    }
}
