using TalentSphere.ServiceDefaults.Data;

namespace TalentSphere.Lms.Outline;

/// <summary>A part of a course that holds lessons.</summary>
public sealed class Section : ITimestamped, IPlaced
{
    private Section()
    {
    }

    internal Section(Guid courseId, string title)
    {
        Id = Guid.CreateVersion7();
        CourseId = courseId;
        Title = title;
    }

    public Guid Id { get; private set; }

    public Guid CourseId { get; private set; }

    public string Title { get; private set; } = "";

    /// <summary>Its place in the course, from 1.</summary>
    public int Position { get; set; }

    public List<Lesson> Lessons { get; private set; } = [];

    public DateTime CreatedAt { get; set; }

    public DateTime UpdatedAt { get; set; }

    internal void Rename(string title) => Title = title;
}
