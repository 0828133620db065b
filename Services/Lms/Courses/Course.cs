using TalentSphere.Lms.Outline;
using TalentSphere.ServiceDefaults.Data;

namespace TalentSphere.Lms.Courses;

/// <summary>How much a course expects its learners to know.</summary>
public enum CourseLevel
{
    Beginner,
    Intermediate,
    Advanced,
}

/// <summary>Whether learners see a course. A published course never becomes a draft again.</summary>
public enum CourseStatus
{
    Draft,
    Published,
}

/// <summary>What its author says about a course.</summary>
public sealed record CourseDetails(string Title, string Summary, string Description, CourseLevel Level, IReadOnlyList<string> Tags, string Language);

/// <summary>What came of publishing.</summary>
public enum PublishOutcome
{
    Published,
    WasPublishedBefore,
    HasNoLesson,
}

/// <summary>What came of removing a part of the outline.</summary>
public enum RemovalOutcome
{
    Removed,

    /// <summary>Somebody enrolled: what counts towards a learner's progress is not taken away.</summary>
    LearnersDependOnIt,

    /// <summary>A published course keeps at least one lesson.</summary>
    NothingWouldBeLeft,
}

/// <summary>
/// A course with its outline. Whatever changes below it changes the course's own row too, so that its version stands for the whole
/// outline and its row lock orders the changes.
/// </summary>
public sealed class Course : ITimestamped
{
    /// <summary>The most sections of one course.</summary>
    public const int MaxSections = 100;

    /// <summary>The most lessons of one course.</summary>
    public const int MaxLessons = 500;

    private Course()
    {
    }

    /// <summary>Drafts a course.</summary>
    public Course(Guid ownerId, CourseDetails details, string? slug = null)
    {
        Id = Guid.CreateVersion7();
        OwnerId = ownerId;
        Slug = slug;
        Describe(details);
    }

    public Guid Id { get; private set; }

    /// <summary>The instructor who wrote it.</summary>
    public Guid OwnerId { get; private set; }

    /// <summary>The stable name of a course that came from a file; null for one that came over HTTP.</summary>
    public string? Slug { get; private set; }

    public string Title { get; private set; } = "";

    public string Summary { get; private set; } = "";

    /// <summary>Markdown.</summary>
    public string Description { get; private set; } = "";

    public CourseLevel Level { get; private set; }

    public string[] Tags { get; private set; } = [];

    /// <summary>A language tag (BCP 47).</summary>
    public string Language { get; private set; } = "en";

    public DateTime? PublishedAt { get; private set; }

    public List<Section> Sections { get; private set; } = [];

    public DateTime CreatedAt { get; set; }

    public DateTime UpdatedAt { get; set; }

    public uint Version { get; private set; }

    public CourseStatus Status => PublishedAt is null ? CourseStatus.Draft : CourseStatus.Published;

    public int LessonCount => Sections.Sum(s => s.Lessons.Count);

    /// <summary>Replaces what its author says about it.</summary>
    public void Describe(CourseDetails details)
    {
        Title = details.Title;
        Summary = details.Summary;
        Description = details.Description;
        Level = details.Level;
        Tags = [.. details.Tags];
        Language = details.Language;
    }

    /// <summary>Shows it to learners, once.</summary>
    public PublishOutcome Publish(DateTime now)
    {
        if (PublishedAt is not null)
            return PublishOutcome.WasPublishedBefore;
        if (LessonCount == 0)
            return PublishOutcome.HasNoLesson;
        PublishedAt = now;
        return PublishOutcome.Published;
    }

    /// <summary>Adds a section, last when <paramref name="position"/> is null; null when the course is full.</summary>
    /// <param name="title">Its title.</param>
    /// <param name="position">Its place from 1; what lies behind the end counts as the end.</param>
    /// <param name="now">The time of the change, UTC.</param>
    public Section? AddSection(string title, int? position, DateTime now)
    {
        if (Sections.Count >= MaxSections)
            return null;
        var section = new Section(Id, title);
        Sequence.Place(Sections, section, position ?? int.MaxValue);
        UpdatedAt = now;
        return section;
    }

    /// <summary>Renames a section and, when <paramref name="position"/> is given, moves it.</summary>
    public void EditSection(Section section, string title, int? position, DateTime now)
    {
        section.Rename(title);
        if (position is { } place)
            Sequence.Place(Sections, section, place);
        UpdatedAt = now;
    }

    /// <summary>Removes a section with its lessons.</summary>
    public RemovalOutcome RemoveSection(Section section, bool hasLearners, DateTime now)
    {
        if (section.Lessons.Count > 0 && RefuseRemoval(section.Lessons.Count, hasLearners) is { } refusal)
            return refusal;
        Sequence.Remove(Sections, section);
        UpdatedAt = now;
        return RemovalOutcome.Removed;
    }

    /// <summary>Adds a lesson, last when <paramref name="position"/> is null; null when the course is full.</summary>
    public Lesson? AddLesson(Section section, LessonDetails details, int? position, DateTime now)
    {
        if (LessonCount >= MaxLessons)
            return null;
        var lesson = new Lesson(Id, section.Id, details);
        Sequence.Place(section.Lessons, lesson, position ?? int.MaxValue);
        UpdatedAt = now;
        return lesson;
    }

    /// <summary>Rewrites a lesson and, when <paramref name="position"/> is given, moves it within its section.</summary>
    public void EditLesson(Section section, Lesson lesson, LessonDetails details, int? position, DateTime now)
    {
        lesson.Rewrite(details, now);
        if (position is { } place)
            Sequence.Place(section.Lessons, lesson, place);
        UpdatedAt = now;
    }

    /// <summary>Removes a lesson.</summary>
    public RemovalOutcome RemoveLesson(Section section, Lesson lesson, bool hasLearners, DateTime now)
    {
        if (RefuseRemoval(1, hasLearners) is { } refusal)
            return refusal;
        Sequence.Remove(section.Lessons, lesson);
        UpdatedAt = now;
        return RemovalOutcome.Removed;
    }

    /// <summary>Finds a section of this course.</summary>
    public Section? FindSection(Guid id) => Sections.Find(s => s.Id == id);

    /// <summary>Finds a lesson of this course and the section it stands in.</summary>
    public (Section Section, Lesson Lesson)? FindLesson(Guid id)
    {
        foreach (var section in Sections)
        {
            if (section.Lessons.Find(l => l.Id == id) is { } lesson)
                return (section, lesson);
        }
        return null;
    }

    private RemovalOutcome? RefuseRemoval(int lessons, bool hasLearners)
    {
        if (hasLearners)
            return RemovalOutcome.LearnersDependOnIt;
        return PublishedAt is not null && LessonCount - lessons < 1 ? RemovalOutcome.NothingWouldBeLeft : null;
    }
}
