namespace TalentSphere.Gamification.Points;

/// <summary>Why points were given.</summary>
public enum LedgerReason
{
    /// <summary>An account was opened.</summary>
    Registration,

    /// <summary>A lesson was completed.</summary>
    Lesson,

    /// <summary>A course was completed.</summary>
    Course,

    /// <summary>A challenge was solved.</summary>
    Challenge,

    /// <summary>An earlier entry is compensated; the amount may be negative.</summary>
    Correction,
}
