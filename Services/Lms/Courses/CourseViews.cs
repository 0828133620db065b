using TalentSphere.Lms.Outline;

namespace TalentSphere.Lms.Courses;

/// <summary>A course in a list.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Title">Its title.</param>
/// <param name="Summary">A few sentences.</param>
/// <param name="Level">What it expects.</param>
/// <param name="Tags">Lower-case words.</param>
/// <param name="Language">A language tag (BCP 47).</param>
/// <param name="Status">Whether learners see it.</param>
/// <param name="LessonCount">How many lessons it has.</param>
/// <param name="Minutes">The time they take together, about.</param>
/// <param name="PublishedAt">Null for a draft.</param>
public sealed record CourseSummary(
    Guid Id, string Title, string Summary, CourseLevel Level, IReadOnlyList<string> Tags, string Language, CourseStatus Status, int LessonCount, int Minutes,
    DateTime? PublishedAt);

/// <summary>A course with its outline.</summary>
/// <param name="Id">Its id.</param>
/// <param name="InstructorId">Who wrote it.</param>
/// <param name="Title">Its title.</param>
/// <param name="Summary">A few sentences.</param>
/// <param name="Description">Markdown.</param>
/// <param name="Level">What it expects.</param>
/// <param name="Tags">Lower-case words.</param>
/// <param name="Language">A language tag (BCP 47).</param>
/// <param name="Status">Whether learners see it.</param>
/// <param name="LessonCount">How many lessons it has.</param>
/// <param name="Minutes">The time they take together, about.</param>
/// <param name="Sections">The outline, in order, without the lessons' texts.</param>
/// <param name="PublishedAt">Null for a draft.</param>
/// <param name="CreatedAt">When it was drafted.</param>
/// <param name="UpdatedAt">When it or a part of it last changed.</param>
public sealed record CourseView(
    Guid Id, Guid InstructorId, string Title, string Summary, string Description, CourseLevel Level, IReadOnlyList<string> Tags, string Language,
    CourseStatus Status, int LessonCount, int Minutes, IReadOnlyList<SectionView> Sections, DateTime? PublishedAt, DateTime CreatedAt, DateTime UpdatedAt)
{
    internal static CourseView Of(Course course)
    {
        SectionView[] sections = [.. course.Sections.OrderBy(s => s.Position).Select(SectionView.Of)];
        return new(
            course.Id, course.OwnerId, course.Title, course.Summary, course.Description, course.Level, course.Tags, course.Language, course.Status,
            course.LessonCount, course.Sections.Sum(s => s.Lessons.Sum(l => l.Minutes)), sections, course.PublishedAt, course.CreatedAt, course.UpdatedAt);
    }
}

/// <summary>A section of an outline.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Title">Its title.</param>
/// <param name="Position">Its place in the course, from 1.</param>
/// <param name="Lessons">Its lessons, in order.</param>
public sealed record SectionView(Guid Id, string Title, int Position, IReadOnlyList<LessonOutline> Lessons)
{
    internal static SectionView Of(Section section) => new(
        section.Id, section.Title, section.Position,
        [.. section.Lessons.OrderBy(l => l.Position).Select(l => new LessonOutline(l.Id, l.Title, l.Minutes, l.Position))]);
}

/// <summary>A lesson of an outline.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Title">Its title.</param>
/// <param name="Minutes">The time it takes, about.</param>
/// <param name="Position">Its place in its section, from 1.</param>
public sealed record LessonOutline(Guid Id, string Title, int Minutes, int Position);
