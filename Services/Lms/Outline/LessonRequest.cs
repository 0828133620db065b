using System.ComponentModel.DataAnnotations;
using TalentSphere.Lms.Courses;
using TalentSphere.ServiceDefaults.Validation;

namespace TalentSphere.Lms.Outline;

/// <summary>A lesson as its author wants it, in full.</summary>
public sealed record LessonRequest
{
    [Required]
    [Text(200)]
    public string? Title { get; init; }

    /// <summary>Markdown.</summary>
    [Required]
    [Text(100_000, Lines = true)]
    public string? Content { get; init; }

    /// <summary>The time it takes, about; at most a day.</summary>
    [Required]
    [Range(1, 1440)]
    public int? Minutes { get; init; }

    /// <summary>Its place in its section, from 1; absent: last when new, else where it is.</summary>
    [Range(1, Course.MaxLessons)]
    public int? Position { get; init; }

    internal LessonDetails ToDetails() => new(Title!.Trim(), Content!, Minutes!.Value);
}

/// <summary>A lesson with its text.</summary>
/// <param name="Id">Its id.</param>
/// <param name="CourseId">Its course.</param>
/// <param name="SectionId">Its section.</param>
/// <param name="Title">Its title.</param>
/// <param name="Content">Markdown.</param>
/// <param name="Minutes">The time it takes, about.</param>
/// <param name="Position">Its place in its section, from 1.</param>
/// <param name="UpdatedAt">When it last changed.</param>
public sealed record LessonView(Guid Id, Guid CourseId, Guid SectionId, string Title, string Content, int Minutes, int Position, DateTime UpdatedAt)
{
    internal static LessonView Of(Lesson lesson) => Of(lesson, lesson.Text!);

    internal static LessonView Of(Lesson lesson, LessonText text) =>
        new(lesson.Id, lesson.CourseId, lesson.SectionId, lesson.Title, text.Content, lesson.Minutes, lesson.Position, lesson.UpdatedAt);
}
