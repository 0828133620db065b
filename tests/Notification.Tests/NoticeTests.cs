using TalentSphere.Contracts.Challenges;
using TalentSphere.Contracts.Gamification;
using TalentSphere.Contracts.Jobs;
using TalentSphere.Contracts.Lms;
using TalentSphere.Notification.Facts;
using TalentSphere.Notification.Notifications;

namespace TalentSphere.Notification.Tests;

public class NoticeTests
{
    private static readonly Guid _candidate = Guid.CreateVersion7();
    private static readonly Guid _employer = Guid.CreateVersion7();

    [Fact]
    public void An_application_that_moves_is_told_to_the_candidate()
    {
        foreach (var to in (string[])["reviewing", "accepted", "rejected"])
        {
            var notice = Notices.Of(Moved(to));
            notice.UserId.ShouldBe(_candidate);
            notice.Kind.ShouldBe(NotificationKind.ApplicationMoved);
        }
    }

    [Fact]
    public void A_withdrawal_is_told_to_the_employer()
    {
        var notice = Notices.Of(Moved("withdrawn"));
        notice.UserId.ShouldBe(_employer);
        notice.Kind.ShouldBe(NotificationKind.ApplicationWithdrawn);
    }

    [Fact]
    public void Each_move_of_one_application_is_a_fact_of_its_own()
    {
        var application = Guid.CreateVersion7();
        Notices.Of(Moved("reviewing", application)).Source.ShouldNotBe(Notices.Of(Moved("accepted", application)).Source);
        Notices.Of(Moved("accepted", application)).Source.ShouldBe(Notices.Of(Moved("accepted", application)).Source);
    }

    [Fact]
    public void Enrolling_again_and_leaving_again_are_new_facts()
    {
        var (enrollment, course) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        var (first, second) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        var enrolled = new EnrollmentCreated(enrollment, _candidate, course, "Algebra");
        Notices.Of(enrolled, first).Source.ShouldNotBe(Notices.Of(enrolled, second).Source);
        Notices.Of(enrolled, first).Source.ShouldBe(Notices.Of(enrolled, first).Source);
        var left = new EnrollmentCancelled(enrollment, _candidate, course, "Algebra");
        Notices.Of(left, first).Source.ShouldNotBe(Notices.Of(left, second).Source);
    }

    [Fact]
    public void A_correction_does_not_read_as_a_reward()
    {
        Notices.Of(new PointsAwarded(_candidate, Guid.CreateVersion7(), -20, "correction", 180)).Title.ShouldBe("Your points were corrected by -20");
        Notices.Of(new PointsAwarded(_candidate, Guid.CreateVersion7(), 20, "lesson", 200)).Title.ShouldBe("You earned 20 points");
    }

    [Fact]
    public void A_verdict_is_written_in_words() =>
        Notices.Of(new SubmissionRejected(Guid.CreateVersion7(), _candidate, Guid.CreateVersion7(), "Two sums", "wrong-answer", 3, 900))
            .Body.ShouldBe("The verdict is: wrong answer. You can hand in another one.");

    [Fact]
    public void The_longest_names_still_fit_their_columns()
    {
        var name = new string('x', 5000);
        var notice = Notices.Of(Moved("accepted", title: name));
        notice.Title.Length.ShouldBeLessThanOrEqualTo(StoredNotification.MaxTitle);
        notice.Body.Length.ShouldBeLessThanOrEqualTo(StoredNotification.MaxBody);
        Notices.Of(new BadgeEarned(_candidate, name, name)).Source.Length.ShouldBeLessThanOrEqualTo(StoredNotification.MaxSource);
    }

    [Fact]
    public void A_missing_name_leaves_a_whole_sentence() =>
        Notices.Of(Moved("accepted", title: null!)).Title.ShouldBe("Your application for a job was accepted");

    [Theory]
    [InlineData("plain", 10, "plain")]
    [InlineData("a\0b\nc", 10, "a b c")]
    [InlineData("abcdef", 4, "abc…")]
    [InlineData("abcd", 4, "abcd")]
    [InlineData("ab😀cd", 4, "ab…")]
    [InlineData("<b>bold</b>", 20, "<b>bold</b>")]
    [InlineData(null, 4, "")]
    public void Text_of_others_becomes_one_plain_line(string? text, int max, string expected) => Notice.Plain(text, max).ShouldBe(expected);

    [Fact]
    public void Half_a_surrogate_pair_cannot_pass() => Notice.Plain("a\ud83d", 10).ShouldBe("a\ufffd");

    private static ApplicationStatusChanged Moved(string to, Guid? application = null, string title = "Gardener") =>
        new(application ?? Guid.CreateVersion7(), Guid.CreateVersion7(), Guid.CreateVersion7(), _candidate, _employer, title, "pending", to);
}
