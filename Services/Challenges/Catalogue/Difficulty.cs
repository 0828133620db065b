namespace TalentSphere.Challenges.Catalogue;

/// <summary>How hard a challenge is, and so what it is worth.</summary>
public enum Difficulty
{
    /// <summary>50 points.</summary>
    Easy,

    /// <summary>100 points.</summary>
    Medium,

    /// <summary>200 points.</summary>
    Hard,
}

/// <summary>What difficulties are worth.</summary>
public static class DifficultyPoints
{
    /// <summary>The points for solving a challenge, once per learner.</summary>
    public static int Points(this Difficulty difficulty) => difficulty switch
    {
        Difficulty.Easy => 50,
        Difficulty.Medium => 100,
        Difficulty.Hard => 200,
        _ => throw new ArgumentOutOfRangeException(nameof(difficulty), difficulty, "No such difficulty."),
    };
}
