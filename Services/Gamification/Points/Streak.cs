namespace TalentSphere.Gamification.Points;

/// <summary>Days in a row (UTC) on which somebody earned points.</summary>
/// <param name="Current">Days of the run that ends on <paramref name="LastDay"/>.</param>
/// <param name="Longest">Days of the longest run ever.</param>
/// <param name="LastDay">The latest such day; null when there is none.</param>
public readonly record struct Streak(int Current, int Longest, DateOnly? LastDay)
{
    /// <summary>The streak that a set of days makes. Their order does not matter: facts may arrive late.</summary>
    public static Streak Of(IEnumerable<DateOnly> days)
    {
        var (run, longest) = (0, 0);
        DateOnly? last = null;
        foreach (var day in days.Distinct().Order())
        {
            run = last?.AddDays(1) == day ? run + 1 : 1;
            longest = Math.Max(longest, run);
            last = day;
        }
        return new(run, longest, last);
    }

    /// <summary>The run that is alive on <paramref name="today"/>: it ended today, or yesterday and can still go on; else 0.</summary>
    public int AliveOn(DateOnly today) => LastDay >= today.AddDays(-1) ? Current : 0;
}
