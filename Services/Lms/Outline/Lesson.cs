using TalentSphere.ServiceDefaults.Data;

namespace TalentSphere.Lms.Outline;

/// <summary>What an author writes into a lesson.</summary>
/// <param name="Title">Its title.</param>
/// <param name="Content">Markdown.</param>
/// <param name="Minutes">The time it takes, about.</param>
public sealed record LessonDetails(string Title, string Content, int Minutes);

/// <summary>One thing to learn. Its text is a row of its own, so that an outline is read without it.</summary>
public sealed class Lesson : ITimestamped, IPlaced
{
    private Lesson()
    {
    }

    internal Lesson(Guid courseId, Guid sectionId, LessonDetails details)
    {
        Id = Guid.CreateVersion7();
        CourseId = courseId;
        SectionId = sectionId;
        Title = details.Title;
        Minutes = details.Minutes;
        Text = new LessonText { LessonId = Id, Content = details.Content };
    }

    public Guid Id { get; private set; }

    public Guid CourseId { get; private set; }

    public Guid SectionId { get; private set; }

    public string Title { get; private set; } = "";

    /// <summary>The time it takes, about, in minutes.</summary>
    public int Minutes { get; private set; }

    /// <summary>Its place in its section, from 1.</summary>
    public int Position { get; set; }

    /// <summary>Null unless it was asked for.</summary>
    public LessonText? Text { get; private set; }

    public DateTime CreatedAt { get; set; }

    public DateTime UpdatedAt { get; set; }

    public uint Version { get; private set; }

    internal void Rewrite(LessonDetails details, DateTime now)
    {
        Title = details.Title;
        Minutes = details.Minutes;
        if (Text is null)
            throw new InvalidOperationException("The text of the lesson was not loaded.");
        Text.Content = details.Content;
        // The version stands for the text too, which is a row of its own.
        UpdatedAt = now;
    }
}

/// <summary>What a lesson says.</summary>
public sealed class LessonText
{
    public Guid LessonId { get; init; }

    /// <summary>Markdown.</summary>
    public string Content { get; set; } = "";
}
