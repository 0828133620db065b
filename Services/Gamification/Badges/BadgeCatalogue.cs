using TalentSphere.Gamification.Points;

namespace TalentSphere.Gamification.Badges;

/// <summary>A badge and the rule by which it is earned.</summary>
/// <param name="Code">Stable, for programs.</param>
/// <param name="Name">For people.</param>
/// <param name="Description">What it takes.</param>
/// <param name="IsEarned">True when the learner's facts suffice. A badge is kept when they do no more: only points are ever taken back.</param>
public sealed record Badge(string Code, string Name, string Description, Func<Learner, bool> IsEarned);

/// <summary>Every badge there is. A new one is a line here: whoever qualifies already gets it with their next points.</summary>
public static class BadgeCatalogue
{
    /// <summary>The badges in the order in which people usually earn them.</summary>
    public static IReadOnlyList<Badge> All { get; } =
    [
        new("welcome", "Welcome", "Open an account.", l => l.Registered),
        new("first-lesson", "First lesson", "Complete a lesson.", l => l.Lessons >= 1),
        new("first-challenge", "First challenge", "Solve a coding challenge.", l => l.Challenges >= 1),
        new("course-graduate", "Graduate", "Complete every lesson of a course.", l => l.Courses >= 1),
        new("streak-7", "A week in a row", "Earn points on seven days in a row.", l => l.StreakLongest >= 7),
        new("points-1000", "A thousand points", "Reach 1,000 points.", l => l.Total >= 1000),
        new("ten-challenges", "Problem solver", "Solve ten coding challenges.", l => l.Challenges >= 10),
        new("five-courses", "Scholar", "Complete five courses.", l => l.Courses >= 5),
        new("streak-30", "A month in a row", "Earn points on thirty days in a row.", l => l.StreakLongest >= 30),
    ];

    private static readonly Dictionary<string, Badge> _byCode = All.ToDictionary(b => b.Code);

    /// <summary>The badge with that code, or null for one that was retired.</summary>
    public static Badge? Find(string code) => _byCode.GetValueOrDefault(code);
}
