using System.Security.Claims;
using Microsoft.EntityFrameworkCore;
using TalentSphere.Gamification.Badges;
using TalentSphere.Gamification.Data;
using TalentSphere.ServiceDefaults.Auth;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Gamification.Points;

/// <summary>What the caller has earned.</summary>
/// <param name="Points">The sum of the ledger.</param>
/// <param name="Level">From 1.</param>
/// <param name="NextLevelAt">The points that the next level needs.</param>
/// <param name="Progress">From this level to the next: percent, 0..100, rounded down.</param>
/// <param name="Badges">Earned, oldest first.</param>
/// <param name="Streak">Days in a row.</param>
internal sealed record StandingView(int Points, int Level, int NextLevelAt, int Progress, IReadOnlyList<BadgeView> Badges, StreakView Streak);

/// <summary>A badge that was earned.</summary>
internal sealed record BadgeView(string Code, string Name, string Description, DateTime EarnedAt);

/// <summary>Days in a row (UTC) with points.</summary>
/// <param name="Current">The run that is alive: 0 when neither today nor yesterday had any.</param>
/// <param name="Longest">The longest run ever.</param>
/// <param name="LastDay">The latest day with points.</param>
internal sealed record StreakView(int Current, int Longest, DateOnly? LastDay);

internal static class GetStanding
{
    public static async Task<ApiOk<StandingView>> HandleAsync(GamificationDbContext db, ClaimsPrincipal user, TimeProvider time, CancellationToken cancellationToken)
    {
        var userId = user.UserId();
        // Whoever has no entries yet has nothing, which is not the same as not being there.
        // Not "at most one" in SQL: behind a limit, the badges would no longer be known to be this user's, and be looked for on every node.
        var found = await db.Learners.AsNoTracking().Include(l => l.Badges).Where(l => l.UserId == userId).ToListAsync(cancellationToken);
        var learner = found.SingleOrDefault() ?? new Learner { UserId = userId };
        var level = Levels.Of(learner.Total);
        return Api.Ok(new StandingView(
            learner.Total,
            level,
            Levels.PointsFor(level + 1),
            Levels.Progress(learner.Total),
            [.. learner.Badges.OrderBy(b => b.EarnedAt).ThenBy(b => b.Badge, StringComparer.Ordinal).Select(View)],
            new(learner.Streak.AliveOn(DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime)), learner.StreakLongest, learner.LastActiveDay)));
    }

    private static BadgeView View(EarnedBadge earned) => BadgeCatalogue.Find(earned.Badge) is { } badge
        ? new(badge.Code, badge.Name, badge.Description, earned.EarnedAt)
        : new(earned.Badge, earned.Badge, "", earned.EarnedAt);
}
