namespace TalentSphere.Gamification.Badges;

/// <summary>A badge that somebody has: once per user and badge.</summary>
public sealed class EarnedBadge
{
    public Guid UserId { get; init; }

    public required string Badge { get; init; }

    public DateTime EarnedAt { get; init; }
}
