using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using TalentSphere.Challenges.Data;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Challenges.Catalogue;

internal static class ListChallenges
{
    private const int _maxQuery = 200;

    /// <summary>Filters by difficulty, by tag and by words of the title; drafts are never listed.</summary>
    public static async Task<Results<ApiPage<ChallengeSummary>, ApiProblem>> HandleAsync(
        string? difficulty, string? tag, string? q, [AsParameters] Paging paging, ChallengesDbContext db, CancellationToken cancellationToken)
    {
        var faults = new List<FailureDetail>();
        var challenges = db.Challenges.AsNoTracking().Where(c => c.PublishedAt != null);
        if (!string.IsNullOrWhiteSpace(difficulty))
        {
            if (Parse(difficulty) is { } wanted)
                challenges = challenges.Where(c => c.Difficulty == wanted);
            else
                faults.Add(new(nameof(difficulty), "must be one of easy, medium, hard"));
        }
        if (!string.IsNullOrWhiteSpace(tag))
        {
            var name = tag.Trim().ToLowerInvariant();
            if (name.Length > ChallengeRequest.MaxTag || name.Contains('\0'))
                faults.Add(new(nameof(tag), $"must have at most {ChallengeRequest.MaxTag} characters"));
            else
                challenges = challenges.Where(c => c.Tags.Contains(name));
        }
        if (!string.IsNullOrWhiteSpace(q))
        {
            if (q.Length > _maxQuery || q.Contains('\0'))
            {
                faults.Add(new(nameof(q), $"must have at most {_maxQuery} characters, none of them NUL"));
            }
            else
            {
                var pattern = $"%{Escape(q.Trim())}%";
                challenges = challenges.Where(c => EF.Functions.ILike(c.Title, pattern, "\\"));
            }
        }
        if (faults.Count > 0)
            return Api.Invalid([.. faults]);

        var total = await challenges.CountAsync(cancellationToken);
        var page = await challenges.OrderByDescending(c => c.PublishedAt).ThenByDescending(c => c.Id).Skip(paging.Skip).Take(paging.Size)
            .Select(c => new { c.Id, c.Title, c.Difficulty, c.Tags, c.PublishedAt, c.Slug })
            .ToListAsync(cancellationToken);
        return Api.Page([.. page.Select(c => new ChallengeSummary(c.Id, c.Title, c.Difficulty, c.Difficulty.Points(), c.Tags, c.PublishedAt, c.Slug))], paging, total).Public();
    }

    // Enum.TryParse would take numbers as well.
    private static Difficulty? Parse(string text) => text.Trim().ToLowerInvariant() switch
    {
        "easy" => Difficulty.Easy,
        "medium" => Difficulty.Medium,
        "hard" => Difficulty.Hard,
        _ => null,
    };

    private static string Escape(string text) => text.Replace("\\", "\\\\").Replace("%", "\\%").Replace("_", "\\_");
}
