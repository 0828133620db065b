using TalentSphere.Contracts.Auth;
using TalentSphere.Contracts.Challenges;
using TalentSphere.Contracts.Gamification;
using TalentSphere.Contracts.Jobs;
using TalentSphere.Contracts.Lms;
using TalentSphere.Contracts.Notification;
using TalentSphere.TestKit;

namespace TalentSphere.Notification.Tests;

public class FactTests(NotificationFixture service)
{
    private static readonly Guid _course = Guid.CreateVersion7();
    private static readonly Guid _other = Guid.CreateVersion7();

    private readonly Guid _user = Guid.CreateVersion7();

    [Fact]
    public Task A_registration_is_welcomed() => TellsOnceAsync(new UserRegistered(_user, "a@b.example", "Ada", ["jobseeker"]), "welcome", "/courses");

    [Fact]
    public Task A_changed_password_is_told() => TellsOnceAsync(new PasswordChanged(_user), "password-changed", "/account/security");

    [Fact]
    public Task An_enrollment_is_told() => TellsOnceAsync(new EnrollmentCreated(Guid.CreateVersion7(), _user, _course, "Algebra"), "course-enrolled", $"/courses/{_course}");

    [Fact]
    public Task A_cancelled_enrollment_is_told() =>
        TellsOnceAsync(new EnrollmentCancelled(Guid.CreateVersion7(), _user, _course, "Algebra"), "course-left", $"/courses/{_course}");

    [Fact]
    public Task A_completed_course_is_told() =>
        TellsOnceAsync(new CourseCompleted(Guid.CreateVersion7(), _user, _course, "Algebra", DateTime.UtcNow), "course-completed", $"/courses/{_course}");

    [Fact]
    public Task A_certificate_is_told() =>
        TellsOnceAsync(new CertificateIssued(Guid.CreateVersion7(), _other, _user, _course, "Algebra"), "certificate-issued", $"/certificates/{_other}");

    [Fact]
    public Task Points_are_told() => TellsOnceAsync(new PointsAwarded(_user, Guid.CreateVersion7(), 20, "lesson", 30), "points-awarded", "/gamification/ledger");

    [Fact]
    public Task A_level_is_told() => TellsOnceAsync(new LevelReached(_user, 2, 100), "level-reached", "/gamification/me");

    [Fact]
    public Task A_badge_is_told() => TellsOnceAsync(new BadgeEarned(_user, "first-lesson", "First lesson"), "badge-earned", "/gamification/badges");

    [Fact]
    public Task An_approved_submission_is_told() => TellsOnceAsync(
        new SubmissionApproved(_other, _user, Guid.CreateVersion7(), "Two sums", "accepted", 50, 12, 900), "submission-approved", $"/submissions/{_other}");

    [Fact]
    public Task A_rejected_submission_is_told() => TellsOnceAsync(
        new SubmissionRejected(_other, _user, Guid.CreateVersion7(), "Two sums", "time-limit", 12, 900), "submission-rejected", $"/submissions/{_other}");

    [Fact]
    public Task An_application_is_told_to_the_employer() => TellsOnceAsync(
        new ApplicationSubmitted(Guid.CreateVersion7(), _other, Guid.CreateVersion7(), Guid.CreateVersion7(), _user, "Gardener"),
        "application-received", $"/jobs/{_other}/applications");

    [Fact]
    public Task An_opened_application_is_told_to_the_candidate() => TellsOnceAsync(
        new ApplicationViewed(_other, Guid.CreateVersion7(), Guid.CreateVersion7(), _user, "Gardener"), "application-viewed", $"/applications/{_other}");

    [Fact]
    public Task A_moved_application_is_told_to_the_candidate() => TellsOnceAsync(
        new ApplicationStatusChanged(_other, Guid.CreateVersion7(), Guid.CreateVersion7(), _user, Guid.CreateVersion7(), "Gardener", "pending", "reviewing"),
        "application-moved", $"/applications/{_other}");

    [Fact]
    public Task A_withdrawn_application_is_told_to_the_employer() => TellsOnceAsync(
        new ApplicationStatusChanged(Guid.CreateVersion7(), _other, Guid.CreateVersion7(), Guid.CreateVersion7(), _user, "Gardener", "pending", "withdrawn"),
        "application-withdrawn", $"/jobs/{_other}/applications");

    [Fact]
    public async Task The_same_event_many_times_is_one_notification()
    {
        var fact = new PointsAwarded(_user, Guid.CreateVersion7(), 20, "lesson", 20);
        var eventId = Guid.CreateVersion7();
        await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => service.Events.PublishAsync(fact, eventId)));
        await OnlyOneAsync();
    }

    [Fact]
    public async Task The_same_fact_under_other_event_ids_is_one_notification()
    {
        var entry = Guid.CreateVersion7();
        await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => service.Events.PublishAsync(new PointsAwarded(_user, entry, 20, "lesson", 20))));
        await OnlyOneAsync();
    }

    [Fact]
    public async Task The_same_fact_handled_side_by_side_is_one_notification()
    {
        // One certificate, but each event about an enrollment of its own: nothing keeps these in line but the unique index.
        var certificate = Guid.CreateVersion7();
        var events = await Task.WhenAll(Enumerable.Range(0, 30).Select(_ =>
            service.Events.PublishAsync(new CertificateIssued(Guid.CreateVersion7(), certificate, _user, _course, "Algebra"))));
        await service.HandledAsync(events);
        await OnlyOneAsync();
    }

    [Fact]
    public async Task An_event_that_names_nobody_holds_up_no_other()
    {
        await service.Events.PublishAsync(new LevelReached(Guid.Empty, 3, 300));
        await service.Events.PublishAsync(new LevelReached(_user, 3, 300));
        await service.ListedAsync(_user, 1);
        (await service.ListedAsync(Guid.Empty, 0)).Data.AsArray().ShouldBeEmpty();
    }

    [Fact]
    public async Task Text_that_cannot_be_stored_is_made_storable()
    {
        await service.Events.PublishAsync(new BadgeEarned(_user, "odd\0badge", "A\0B <script>" + new string('x', 4000)));
        var title = (await service.ListedAsync(_user, 1)).Data[0]!["title"]!.GetValue<string>();
        title.ShouldStartWith("You earned the badge A B <script>");
        title.Length.ShouldBeLessThanOrEqualTo(200);
    }

    private async Task TellsOnceAsync<T>(T fact, string kind, string link)
        where T : class
    {
        var correlation = $"story-{_user:N}";
        var eventId = await service.Events.PublishAsync(fact, correlationId: correlation);
        var notification = (await service.ListedAsync(_user, 1)).Data[0]!;
        notification["kind"]!.GetValue<string>().ShouldBe(kind);
        notification["data"]!["link"]!.GetValue<string>().ShouldBe(link);
        notification["title"]!.GetValue<string>().ShouldNotBeNullOrWhiteSpace();
        notification["body"]!.GetValue<string>().ShouldNotBeNullOrWhiteSpace();
        notification["eventId"]!.GetValue<Guid>().ShouldBe(eventId);
        notification["correlationId"]!.GetValue<string>().ShouldBe(correlation);
        notification["createdAt"]!.GetValue<string>().ShouldEndWith("Z");
        notification["readAt"].ShouldBeNull();
        var sent = (await service.Events.ExpectAsync<MessageSent>(1, m => m.UserId == _user)).Single();
        sent.ShouldBe(new MessageSent(notification["id"]!.GetValue<Guid>(), _user, kind, "in-app"));
        service.Events.Heard.Single(e => e.EventType == "notification.message.sent" && e.Subject == sent.NotificationId.ToString())
            .CorrelationId.ShouldBe(correlation);
    }

    /// <summary>One, and still one when a later event of the same subject has come through.</summary>
    private async Task OnlyOneAsync()
    {
        await service.ListedAsync(_user, 1);
        await service.Events.PublishAsync(new LevelReached(_user, 2, 100));
        await service.ListedAsync(_user, 2);
        await service.Events.ExpectAsync<MessageSent>(2, m => m.UserId == _user);
    }
}
