using System.Security.Claims;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using TalentSphere.Gamification.Data;
using TalentSphere.ServiceDefaults.Auth;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Gamification.Leaderboard;

/// <summary>One place on a leaderboard.</summary>
/// <param name="Rank">From 1; of equal points the younger account stands first.</param>
/// <param name="UserId">Who.</param>
/// <param name="Points">The points that count for this board.</param>
internal sealed record LeaderboardPlace(int Rank, Guid UserId, int Points)
{
    /// <summary>Absent when not known.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Name { get; init; }
}

internal static class GetLeaderboard
{
    /// <summary>One page of a board; with <c>around=me</c> the stretch in whose middle the caller stands, whatever the page.</summary>
    public static async Task<Results<ApiPage<LeaderboardPlace>, ApiProblem>> HandleAsync(
        string? scope, string? around, [AsParameters] Paging paging, ReadLeaderboard board, GamificationDbContext db, ClaimsPrincipal user, TimeProvider time,
        CancellationToken cancellationToken)
    {
        var faults = new List<FailureDetail>();
        if (BoardScope.Parse(scope, DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime)) is not { } wanted)
        {
            faults.Add(new("scope", "must be all, week or course:<id>"));
            wanted = BoardScope.All;
        }
        if (around is not (null or "" or "me"))
            faults.Add(new("around", "must be me"));
        if (faults.Count > 0)
            return Api.Invalid([.. faults]);

        var stretch = await board.RunAsync(wanted, paging.Skip, paging.Size, around == "me" ? user.UserId() : null, cancellationToken);
        var ids = stretch.Standings.Select(s => s.UserId).ToList();
        var names = await db.Learners.AsNoTracking().Where(l => ids.Contains(l.UserId)).ToDictionaryAsync(l => l.UserId, l => l.DisplayName, cancellationToken);
        var places = stretch.Standings
            .Select((s, i) => new LeaderboardPlace(stretch.Skip + i + 1, s.UserId, s.Points) { Name = names.GetValueOrDefault(s.UserId) })
            .ToList();
        return Api.Page(places, paging with { Page = (stretch.Skip / paging.Size) + 1 }, stretch.Total);
    }
}
