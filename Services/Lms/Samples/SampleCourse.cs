using System.Text.Json;
using TalentSphere.Lms.Courses;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Lms.Samples;

/// <summary>A course as it stands in a folder: <c>course.json</c> and a Markdown file per lesson.</summary>
internal sealed record SampleCourse(
    string Slug, string Title, string Summary, string Description, CourseLevel Level, IReadOnlyList<string> Tags, string Language,
    IReadOnlyList<SampleSection> Sections)
{
    public static string FileIn(string folder) => Path.Combine(folder, "course.json");

    /// <summary>Reads a folder, texts included.</summary>
    /// <exception cref="InvalidDataException">The slug is not the folder's name.</exception>
    public static async Task<SampleCourse> ReadAsync(string folder, CancellationToken cancellationToken)
    {
        await using var file = File.OpenRead(FileIn(folder));
        var course = await JsonSerializer.DeserializeAsync<SampleCourse>(file, ApiJson.Options, cancellationToken)
            ?? throw new InvalidDataException($"{folder} holds no course.");
        if (course.Slug != Path.GetFileName(folder))
            throw new InvalidDataException($"The slug of {folder} is {course.Slug}: it must be the folder's name.");
        foreach (var lesson in course.Sections.SelectMany(s => s.Lessons))
            lesson.Content = await File.ReadAllTextAsync(Path.Combine(folder, lesson.File), cancellationToken);
        return course;
    }
}

internal sealed record SampleSection(string Title, IReadOnlyList<SampleLesson> Lessons);

internal sealed record SampleLesson(string Title, string File, int Minutes)
{
    /// <summary>Markdown, from <see cref="File"/>.</summary>
    public string Content { get; set; } = "";
}
