using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using TalentSphere.Lms.Data;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Lms.Courses;

internal static class BrowseCourses
{
    private const int _longestQuery = 100;

    public static async Task<Results<ApiPage<CourseSummary>, ApiProblem>> HandleAsync(
        string? q, string? level, [AsParameters] Paging paging, LmsDbContext db, CancellationToken cancellationToken)
    {
        var faults = new List<FailureDetail>(2);
        var words = q?.Trim() ?? "";
        if (words.Length > _longestQuery || words.Contains('\0'))
            faults.Add(new("q", $"must be at most {_longestQuery} characters of text"));
        CourseLevel? wanted = null;
        if (!string.IsNullOrEmpty(level))
        {
            if (Enum.GetNames<CourseLevel>().Contains(level, StringComparer.OrdinalIgnoreCase))
                wanted = Enum.Parse<CourseLevel>(level, ignoreCase: true);
            else
                faults.Add(new("level", "must be one of beginner, intermediate, advanced"));
        }
        if (faults.Count > 0)
            return Api.Invalid([.. faults]);

        var courses = db.Courses.AsNoTracking().Where(c => c.PublishedAt != null);
        if (wanted is not null)
            courses = courses.Where(c => c.Level == wanted);
        if (words.Length > 0)
        {
            var pattern = $"%{Escape(words)}%";
            var tag = words.ToLowerInvariant();
            courses = courses.Where(c => EF.Functions.ILike(c.Title, pattern, @"\") || EF.Functions.ILike(c.Summary, pattern, @"\") || c.Tags.Contains(tag));
        }
        var total = await courses.LongCountAsync(cancellationToken);
        var page = await courses.OrderByDescending(c => c.PublishedAt).ThenByDescending(c => c.Id).Skip(paging.Skip).Take(paging.Size)
            .Summarise(db).ToListAsync(cancellationToken);
        return Api.Page(page, paging, total).Public();
    }

    internal static IQueryable<CourseSummary> Summarise(this IQueryable<Course> courses, LmsDbContext db) => courses.Select(c => new CourseSummary(
        c.Id, c.Title, c.Summary, c.Level, c.Tags, c.Language, c.PublishedAt == null ? CourseStatus.Draft : CourseStatus.Published,
        db.Lessons.Count(l => l.CourseId == c.Id), db.Lessons.Where(l => l.CourseId == c.Id).Sum(l => l.Minutes), c.PublishedAt));

    private static string Escape(string words) => words.Replace(@"\", @"\\").Replace("%", @"\%").Replace("_", @"\_");
}
