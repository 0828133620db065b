using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using TalentSphere.Lms.Courses;
using TalentSphere.Lms.Data;
using TalentSphere.Lms.Outline;
using TalentSphere.ServiceDefaults.Auth;
using TalentSphere.ServiceDefaults.Data;

namespace TalentSphere.Lms.Samples;

/// <summary>
/// Loads the courses of the sample folder, published, each once: a folder whose slug is in the database already costs nothing but
/// one query for all of them.
/// </summary>
internal sealed partial class LoadSampleContent(
    LmsDbContext db, IOptions<SampleContentOptions> options, TimeProvider time, ILogger<LoadSampleContent> logger) : IStartupTask
{
    public async Task RunAsync(IServiceProvider scope, CancellationToken cancellationToken)
    {
        var folder = Path.Combine(AppContext.BaseDirectory, options.Value.Folder);
        if (!options.Value.Load || !Directory.Exists(folder))
            return;
        string[] slugs =
        [
            .. Directory.EnumerateDirectories(folder).Where(d => File.Exists(SampleCourse.FileIn(d))).Select(d => Path.GetFileName(d))
                .Order(StringComparer.Ordinal),
        ];
        if ((await MissingAsync(slugs, cancellationToken)).Count == 0)
            return;
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await SampleContent.TakeTurnAsync(db, cancellationToken);
        var missing = await MissingAsync(slugs, cancellationToken);
        foreach (var slug in missing)
            db.Add(ToCourse(await SampleCourse.ReadAsync(Path.Combine(folder, slug), cancellationToken), time.GetUtcNow().UtcDateTime));
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        Loaded(logger, missing.Count);
    }

    private async Task<List<string>> MissingAsync(string[] slugs, CancellationToken cancellationToken)
    {
        var present = await db.Courses.Where(c => slugs.Contains(c.Slug)).Select(c => c.Slug!).ToListAsync(cancellationToken);
        return [.. slugs.Except(present, StringComparer.Ordinal)];
    }

    private static Course ToCourse(SampleCourse sample, DateTime now)
    {
        var details = new CourseDetails(
            sample.Title, sample.Summary, sample.Description, sample.Level, TagListAttribute.Normalise(sample.Tags), sample.Language);
        var course = new Course(SystemAccount.Id, details, sample.Slug);
        foreach (var part in sample.Sections)
        {
            var section = course.AddSection(part.Title, position: null, now) ?? throw new InvalidDataException($"{sample.Slug} has too many sections.");
            foreach (var lesson in part.Lessons)
            {
                _ = course.AddLesson(section, new LessonDetails(lesson.Title, lesson.Content, lesson.Minutes), position: null, now)
                    ?? throw new InvalidDataException($"{sample.Slug} has too many lessons.");
            }
        }
        return course.Publish(now) == PublishOutcome.Published ? course : throw new InvalidDataException($"{sample.Slug} has no lesson.");
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Loaded {Count} sample courses")]
    private static partial void Loaded(ILogger logger, int count);
}

/// <summary>Whether and from where sample content is loaded. Configuration section <c>SampleContent</c>.</summary>
internal sealed record SampleContentOptions
{
    /// <summary>On in development unless configured.</summary>
    public bool Load { get; set; }

    /// <summary>The folder, relative to the service's own.</summary>
    public string Folder { get; set; } = "SampleContent";
}
