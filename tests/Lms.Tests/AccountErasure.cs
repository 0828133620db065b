using System.Net;
using TalentSphere.Contracts.Auth;
using TalentSphere.Contracts.Lms;
using TalentSphere.TestKit;

namespace TalentSphere.Lms.Tests;

public sealed class AccountErasure(LmsApp app)
{
    [Fact]
    public async Task A_deleted_learner_is_forgotten_and_the_certificate_stays_verifiable()
    {
        var course = await LmsApp.PublishAsync(app.Instructor(), lessons: 1);
        var userId = Guid.CreateVersion7();
        using var learner = app.Learner(userId);
        using var neighbour = app.Learner();
        await learner.PostAsync($"/api/v1/courses/{course.Id}/enroll");
        await neighbour.PostAsync($"/api/v1/courses/{course.Id}/enroll");
        var certificate = (await learner.PostAsync($"/api/v1/lessons/{course.Lessons[0]}/complete")).Data["certificateId"]!.GetValue<Guid>();

        var message = await app.Events.PublishAsync(new UserDeleted(userId));
        await app.Events.PublishAsync(new UserDeleted(userId), message);

        (await app.Events.ExpectAsync<UserErased>(1, e => e.UserId == userId))[0].Records.ShouldBe(2);
        (await learner.PostAsync($"/api/v1/courses/{course.Id}/enroll")).Code.ShouldBe("AUTH_TOKEN_INVALID", "a token that has not expired yet writes nothing");
        (await learner.AskAsync("/api/v1/enrollments")).Data.AsArray().ShouldBeEmpty();
        (await learner.AskAsync("/api/v1/certificates")).Data.AsArray().ShouldBeEmpty();
        (await app.Anonymous().AskAsync($"/api/v1/certificates/{certificate}")).Data["valid"]!.GetValue<bool>().ShouldBeTrue();
        (await neighbour.AskAsync("/api/v1/enrollments")).Data.AsArray().Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_deleted_instructors_drafts_go_and_published_courses_stay_without_them()
    {
        var authorId = Guid.CreateVersion7();
        using var author = app.Instructor(authorId);
        var draft = await LmsApp.DraftAsync(author, lessons: 1);
        var published = await LmsApp.PublishAsync(author, lessons: 1);

        await app.Events.PublishAsync(new UserDeleted(authorId));

        (await app.Events.ExpectAsync<UserErased>(1, e => e.UserId == authorId))[0].Records.ShouldBe(2);
        (await app.Admin().AskAsync($"/api/v1/courses/{draft.Id}")).Status.ShouldBe(HttpStatusCode.NotFound);
        var course = await app.Anonymous().AskAsync($"/api/v1/courses/{published.Id}");
        course.Status.ShouldBe(HttpStatusCode.OK);
        course.Body.ShouldNotContain(authorId.ToString());
        (await author.AskAsync("/api/v1/courses/mine")).Data.AsArray().ShouldBeEmpty();
    }
}
