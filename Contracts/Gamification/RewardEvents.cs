namespace TalentSphere.Contracts.Gamification;

/// <summary>A ledger entry was written.</summary>
/// <param name="UserId">Whose points.</param>
/// <param name="EntryId">The ledger entry.</param>
/// <param name="Amount">Points; negative in a compensating entry.</param>
/// <param name="Reason">Why: <c>registration</c>, <c>lesson</c>, <c>course</c>, <c>challenge</c> or <c>correction</c>.</param>
/// <param name="Total">The sum of the user's ledger after this entry.</param>
[Topic("gamification.points.awarded", nameof(UserId))]
public sealed record PointsAwarded(Guid UserId, Guid EntryId, int Amount, string Reason, int Total);

/// <summary>A badge was earned: once per user and badge.</summary>
/// <param name="UserId">Who earned it.</param>
/// <param name="Badge">The badge's code.</param>
/// <param name="Name">The badge's name for people.</param>
[Topic("gamification.badge.earned", nameof(UserId))]
public sealed record BadgeEarned(Guid UserId, string Badge, string Name);

/// <summary>A level was reached for the first time. Level n needs 50·n·(n−1) points.</summary>
/// <param name="UserId">Who reached it.</param>
/// <param name="Level">The level.</param>
/// <param name="Total">The sum of the user's ledger at that moment.</param>
[Topic("gamification.level.reached", nameof(UserId))]
public sealed record LevelReached(Guid UserId, int Level, int Total);
