namespace TalentSphere.Gamification.Points;

/// <summary>Level n needs 50·n·(n−1) points: level 1 none, level 2 100, level 3 300, level 4 600.</summary>
public static class Levels
{
    /// <summary>The points from which on <paramref name="level"/> (from 1) is reached.</summary>
    public static int PointsFor(int level) => 50 * level * (level - 1);

    /// <summary>The level that <paramref name="points"/> reach, from 1; negative points count as none.</summary>
    public static int Of(int points)
    {
        // The positive root of 50·n² − 50·n − points; the loops take back what the floating point may have added or lost.
        var level = Math.Max(1, (int)((1 + Math.Sqrt(1 + (4 * Math.Max(0, points) / 50.0))) / 2));
        while (level > 1 && PointsFor(level) > points)
            level--;
        while (PointsFor(level + 1) <= points)
            level++;
        return level;
    }

    /// <summary>How far <paramref name="points"/> lead from their level to the next: percent, 0..100, rounded down.</summary>
    public static int Progress(int points)
    {
        var level = Of(points);
        var floor = PointsFor(level);
        return (int)(100L * Math.Max(0, points - floor) / (PointsFor(level + 1) - floor));
    }
}
