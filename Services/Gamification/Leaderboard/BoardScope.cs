using System.Globalization;
using TalentSphere.Gamification.Points;

namespace TalentSphere.Gamification.Leaderboard;

/// <summary>What a leaderboard counts: everything, the points of one ISO week (Monday to Sunday, UTC), or those of one course.</summary>
public sealed record BoardScope
{
    private BoardScope(string name) => Key = "gamification:leaderboard:" + name;

    /// <summary>The board's key in Redis.</summary>
    public string Key { get; }

    /// <summary>The Monday of the week, when it is about one.</summary>
    public DateOnly? Monday { get; private init; }

    /// <summary>The course, when it is about one.</summary>
    public Guid? CourseId { get; private init; }

    /// <summary>Everything ever earned.</summary>
    public static BoardScope All { get; } = new("all");

    /// <summary>The ISO 8601 week that <paramref name="day"/> lies in.</summary>
    public static BoardScope WeekOf(DateOnly day)
    {
        var date = day.ToDateTime(TimeOnly.MinValue);
        var monday = day.AddDays(-(((int)day.DayOfWeek + 6) % 7));
        return new($"week:{ISOWeek.GetYear(date):D4}-W{ISOWeek.GetWeekOfYear(date):D2}") { Monday = monday };
    }

    /// <summary>The points earned in one course.</summary>
    public static BoardScope Course(Guid courseId) => new($"course:{courseId}") { CourseId = courseId };

    /// <summary>Reads <c>all</c>, <c>week</c> (the current one) or <c>course:&lt;id&gt;</c>; null when it is none of them.</summary>
    public static BoardScope? Parse(string? text, DateOnly today) => text switch
    {
        null or "" or "all" => All,
        "week" => WeekOf(today),
        _ when text.StartsWith("course:", StringComparison.Ordinal) && Guid.TryParseExact(text["course:".Length..], "D", out var id) => Course(id),
        _ => null,
    };

    /// <summary>Every board that an entry counts for.</summary>
    public static IEnumerable<BoardScope> Of(LedgerEntry entry)
    {
        yield return All;
        yield return WeekOf(entry.Day);
        if (entry.CourseId is { } courseId)
            yield return Course(courseId);
    }
}
