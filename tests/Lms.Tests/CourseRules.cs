using TalentSphere.Lms.Courses;
using TalentSphere.Lms.Outline;

namespace TalentSphere.Lms.Tests;

public sealed class CourseRules
{
    private static readonly DateTime _now = new(2026, 11, 20, 9, 0, 0, DateTimeKind.Utc);

    [Fact]
    public void A_course_without_a_lesson_is_not_published()
    {
        var course = Draft();
        course.AddSection("Empty", position: null, _now);
        course.Publish(_now).ShouldBe(PublishOutcome.HasNoLesson);
        course.Status.ShouldBe(CourseStatus.Draft);
    }

    [Fact]
    public void A_course_is_published_once()
    {
        var course = Draft(lessons: 1);
        course.Publish(_now).ShouldBe(PublishOutcome.Published);
        course.Publish(_now.AddDays(1)).ShouldBe(PublishOutcome.WasPublishedBefore);
        course.PublishedAt.ShouldBe(_now);
    }

    [Fact]
    public void A_published_course_keeps_at_least_one_lesson()
    {
        var course = Draft(lessons: 2);
        course.Publish(_now);
        var section = course.Sections[0];

        course.RemoveLesson(section, section.Lessons[0], hasLearners: false, _now).ShouldBe(RemovalOutcome.Removed);
        course.RemoveLesson(section, section.Lessons[0], hasLearners: false, _now).ShouldBe(RemovalOutcome.NothingWouldBeLeft);
        course.RemoveSection(section, hasLearners: false, _now).ShouldBe(RemovalOutcome.NothingWouldBeLeft);
    }

    [Fact]
    public void A_draft_may_lose_its_last_lesson()
    {
        var course = Draft(lessons: 1);
        course.RemoveLesson(course.Sections[0], course.Sections[0].Lessons[0], hasLearners: false, _now).ShouldBe(RemovalOutcome.Removed);
    }

    [Fact]
    public void What_learners_work_on_is_not_removed()
    {
        var course = Draft(lessons: 2);
        var section = course.Sections[0];
        course.RemoveLesson(section, section.Lessons[0], hasLearners: true, _now).ShouldBe(RemovalOutcome.LearnersDependOnIt);
        course.RemoveSection(section, hasLearners: true, _now).ShouldBe(RemovalOutcome.LearnersDependOnIt);
        course.RemoveSection(course.AddSection("Still empty", position: null, _now)!, hasLearners: true, _now).ShouldBe(RemovalOutcome.Removed);
    }

    [Theory]
    [InlineData(1, "3 1 2 4")]
    [InlineData(2, "1 3 2 4")]
    [InlineData(3, "1 2 3 4")]
    [InlineData(4, "1 2 4 3")]
    [InlineData(99, "1 2 4 3")]
    public void A_moved_lesson_takes_its_place_and_leaves_no_gap(int position, string order)
    {
        var course = Draft(lessons: 4);
        var section = course.Sections[0];
        var third = section.Lessons.Single(l => l.Title == "3");

        course.EditLesson(section, third, new LessonDetails("3", "", 1), position, _now);

        string.Join(' ', section.Lessons.OrderBy(l => l.Position).Select(l => l.Title)).ShouldBe(order);
        section.Lessons.Select(l => l.Position).Order().ShouldBe([1, 2, 3, 4]);
    }

    [Fact]
    public void A_course_has_room_for_so_many_lessons_and_no_more()
    {
        var course = Draft(lessons: Course.MaxLessons);
        course.AddLesson(course.Sections[0], new LessonDetails("One more", "", 1), position: null, _now).ShouldBeNull();
    }

    [Fact]
    public void A_course_has_room_for_so_many_sections_and_no_more()
    {
        var course = Draft();
        for (var i = course.Sections.Count; i < Course.MaxSections; i++)
            course.AddSection("Section", position: null, _now).ShouldNotBeNull();
        course.AddSection("One more", position: null, _now).ShouldBeNull();
    }

    private static Course Draft(int lessons = 0)
    {
        var course = new Course(Guid.CreateVersion7(), new CourseDetails("Queues", "", "", CourseLevel.Beginner, [], "en"));
        var section = course.AddSection("One", position: null, _now)!;
        for (var i = 1; i <= lessons; i++)
            course.AddLesson(section, new LessonDetails(i.ToString(), "", 1), position: null, _now).ShouldNotBeNull();
        return course;
    }
}
