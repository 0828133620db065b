using TalentSphere.Lms.Learning;

namespace TalentSphere.Lms.Tests;

public sealed class EnrollmentRules
{
    private static readonly DateTime _now = new(2026, 11, 20, 9, 0, 0, DateTimeKind.Utc);

    private readonly Guid _learner = Guid.CreateVersion7();
    private readonly Guid _course = Guid.CreateVersion7();

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(0, 3, 0)]
    [InlineData(1, 3, 33)]
    [InlineData(2, 3, 66)]
    [InlineData(3, 3, 100)]
    [InlineData(499, 500, 99)]
    [InlineData(4, 3, 100)]
    public void Percent_is_rounded_down_and_100_only_when_all_is_complete(int completed, int lessons, int percent) =>
        Enrollment.PercentOf(completed, lessons).ShouldBe(percent);

    [Fact]
    public void The_last_lesson_completes_the_course_and_issues_one_certificate()
    {
        var enrollment = Enroll();
        var (first, second) = (Guid.CreateVersion7(), Guid.CreateVersion7());

        enrollment.Complete(first, Facts(2), _now).ShouldBe(new LessonOutcome(IsNew: true, 50, PercentGrew: true, Certificate: null));
        enrollment.CompletedAt.ShouldBeNull();
        var last = enrollment.Complete(second, Facts(2), _now);

        last.Percent.ShouldBe(100);
        last.Certificate.ShouldNotBeNull();
        last.Certificate.CourseTitle.ShouldBe("Queues");
        last.Certificate.Lessons.ShouldBe(2);
        last.Certificate.UserId.ShouldBe(_learner);
        last.Certificate.Serial.ShouldMatch("^TS(-[0-9A-Z]{4}){4}$");
        enrollment.CertificateId.ShouldBe(last.Certificate.Id);
        enrollment.CompletedAt.ShouldBe(_now);
    }

    [Fact]
    public void A_lesson_completed_again_has_no_consequence()
    {
        var enrollment = Enroll();
        var lesson = Guid.CreateVersion7();
        enrollment.Complete(lesson, Facts(1), _now);

        enrollment.Complete(lesson, Facts(1), _now.AddDays(1)).ShouldBe(new LessonOutcome(IsNew: false, 100, PercentGrew: false, Certificate: null));
        enrollment.CompletedAt.ShouldBe(_now);
        enrollment.Completions.Count.ShouldBe(1);
    }

    [Fact]
    public void A_lesson_added_after_completion_earns_progress_but_no_second_certificate()
    {
        var enrollment = Enroll();
        enrollment.Complete(Guid.CreateVersion7(), Facts(1), _now);
        var certificate = enrollment.CertificateId;

        var added = enrollment.Complete(Guid.CreateVersion7(), Facts(2), _now.AddDays(1));

        added.ShouldBe(new LessonOutcome(IsNew: true, 100, PercentGrew: true, Certificate: null));
        enrollment.CertificateId.ShouldBe(certificate);
        enrollment.CompletedAt.ShouldBe(_now);
    }

    [Fact]
    public void Percent_that_stays_the_same_did_not_grow()
    {
        var enrollment = Enroll();
        enrollment.Complete(Guid.CreateVersion7(), Facts(500), _now).PercentGrew.ShouldBeFalse();
    }

    [Fact]
    public void A_completed_course_is_not_cancelled()
    {
        var enrollment = Enroll();
        enrollment.Complete(Guid.CreateVersion7(), Facts(1), _now);
        enrollment.Cancel(_now).ShouldBe(CancelOutcome.CourseIsCompleted);
        enrollment.CancelledAt.ShouldBeNull();
    }

    [Fact]
    public void Who_comes_back_keeps_the_completed_lessons()
    {
        var enrollment = Enroll();
        enrollment.Complete(Guid.CreateVersion7(), Facts(3), _now);
        enrollment.Cancel(_now).ShouldBe(CancelOutcome.Cancelled);

        enrollment.Resume(_now.AddDays(1)).ShouldBeTrue();
        enrollment.Resume(_now.AddDays(2)).ShouldBeFalse();
        enrollment.Completions.Count.ShouldBe(1);
        enrollment.EnrolledAt.ShouldBe(_now.AddDays(1));
    }

    private Enrollment Enroll() => new(_learner, _course, _now);

    private CourseFacts Facts(int lessons) => new(_course, "Queues", lessons);
}
