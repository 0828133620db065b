using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using TalentSphere.Challenges.Data;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Challenges.Leaderboard;

/// <summary>Somebody's best accepted submission to a challenge.</summary>
/// <param name="Rank">From 1.</param>
/// <param name="UserId">Who.</param>
/// <param name="Language">The language's id.</param>
/// <param name="CpuMs">The slowest test's CPU time, milliseconds.</param>
/// <param name="MemoryKb">The largest test's peak memory, KiB.</param>
/// <param name="SubmittedAt">When it was handed in, UTC.</param>
internal sealed record LeaderView(long Rank, Guid UserId, string Language, int CpuMs, int MemoryKb, DateTime SubmittedAt);

internal static class GetLeaderboard
{
    /// <summary>The best accepted submission of each person: the fastest, then the smallest, then the earliest.</summary>
    public static async Task<Results<ApiPage<LeaderView>, ApiProblem>> HandleAsync(
        Guid id, [AsParameters] Paging paging, ChallengesDbContext db, CancellationToken cancellationToken)
    {
        if (!await db.Challenges.AnyAsync(c => c.Id == id && c.PublishedAt != null, cancellationToken))
            return Api.NotFound();
        var total = await db.Submissions.Where(s => s.ChallengeId == id && s.Verdict == Judging.Verdicts.Accepted).Select(s => s.UserId).Distinct().CountAsync(cancellationToken);
        var page = await db.Database.SqlQuery<LeaderView>(
            $"""
            SELECT row_number() OVER (ORDER BY cpu_ms, memory_kb, created_at, id) AS "Rank", user_id AS "UserId", language AS "Language", cpu_ms AS "CpuMs",
                memory_kb AS "MemoryKb", created_at AS "SubmittedAt"
            FROM (SELECT DISTINCT ON (user_id) id, user_id, language, cpu_ms, memory_kb, created_at FROM submissions
                WHERE challenge_id = {id} AND verdict = 'accepted' ORDER BY user_id, cpu_ms, memory_kb, created_at, id) best
            ORDER BY cpu_ms, memory_kb, created_at, id LIMIT {paging.Size} OFFSET {paging.Skip}
            """).ToListAsync(cancellationToken);
        return Api.Page(page, paging, total);
    }
}
