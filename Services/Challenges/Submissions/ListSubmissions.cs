using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using TalentSphere.Challenges.Data;
using TalentSphere.Challenges.Judging;
using TalentSphere.ServiceDefaults.Auth;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Challenges.Submissions;

internal static class ListSubmissions
{
    /// <summary>Filters by challenge, language, status and verdict.</summary>
    public static async Task<Results<ApiPage<SubmissionSummary>, ApiProblem>> HandleAsync(
        Guid? challenge,
        string? language,
        string? status,
        string? verdict,
        [AsParameters] Paging paging,
        ChallengesDbContext db,
        ClaimsPrincipal user,
        CancellationToken cancellationToken)
    {
        var faults = new List<FailureDetail>();
        var userId = user.UserId();
        var mine = db.Submissions.AsNoTracking().Where(s => s.UserId == userId);
        if (challenge is { } challengeId)
            mine = mine.Where(s => s.ChallengeId == challengeId);
        if (language is not null && OneOf(Languages.All, nameof(language), language, faults))
            mine = mine.Where(s => s.Language == language);
        if (status is not null && OneOf([.. _statuses.Keys], nameof(status), status, faults))
        {
            var wanted = _statuses[status];
            mine = mine.Where(s => s.Status == wanted);
        }
        if (verdict is not null && OneOf(Verdicts.All, nameof(verdict), verdict, faults))
            mine = mine.Where(s => s.Verdict == verdict);
        if (faults.Count > 0)
            return Api.Invalid([.. faults]);
        var total = await mine.CountAsync(cancellationToken);
        var page = await mine.OrderByDescending(s => s.CreatedAt).ThenByDescending(s => s.Id).Skip(paging.Skip).Take(paging.Size)
            .Select(s => new SubmissionSummary(s.Id, s.ChallengeId, s.Language, s.Status, s.Verdict, s.CpuMs, s.MemoryKb, s.CreatedAt))
            .ToListAsync(cancellationToken);
        return Api.Page(page, paging, total);
    }

    private static readonly Dictionary<string, SubmissionStatus> _statuses = Enum.GetValues<SubmissionStatus>().ToDictionary(s => s.ToString().ToLowerInvariant());

    private static bool OneOf(IReadOnlyList<string> words, string field, string value, List<FailureDetail> faults)
    {
        if (words.Contains(value))
            return true;
        faults.Add(new(field, "must be one of " + string.Join(", ", words)));
        return false;
    }
}
