namespace TalentSphere.Gamification.Points;

/// <summary>
/// The latest verdict on one submission, as far as it was heard. Whoever has an accepted one for a challenge has its points; more than one gives no more, and
/// losing one of two takes none.
/// </summary>
public sealed class Solution
{
    public Guid UserId { get; init; }

    public Guid ChallengeId { get; init; }

    public Guid SubmissionId { get; init; }

    /// <summary>The attempt that the verdict came from: what an earlier one said counts no more, in whatever order it is heard. -1: nothing was heard.</summary>
    public int Attempt { get; private set; } = -1;

    public bool Accepted { get; private set; }

    /// <summary>Takes a verdict. One that names no attempt is taken for the latest.</summary>
    /// <returns>True when it is another one than before.</returns>
    public bool Hear(int? attempt, bool accepted)
    {
        if (attempt <= Attempt)
            return false;
        var changed = Accepted != accepted;
        (Attempt, Accepted) = (attempt ?? Math.Max(Attempt, 0), accepted);
        return changed;
    }
}
