using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using TalentSphere.Challenges.Catalogue;
using TalentSphere.Challenges.Data;
using TalentSphere.ServiceDefaults.Auth;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Challenges.Submissions;

/// <summary>A submission with its source and, once judged, what became of every test.</summary>
/// <param name="Id">The submission.</param>
/// <param name="ChallengeId">The challenge.</param>
/// <param name="UserId">Who handed it in.</param>
/// <param name="Language">The language's id.</param>
/// <param name="Code">The source as it came.</param>
/// <param name="Status">Where it stands.</param>
/// <param name="Attempt">How often judging was begun.</param>
/// <param name="Verdict">The verdict in force; null before the first.</param>
/// <param name="Judgement">The one in force; while the submission waits to be judged again, the former. Null before the first.</param>
/// <param name="History">Every judgement, the youngest first.</param>
/// <param name="CreatedAt">When it was handed in, UTC.</param>
internal sealed record SubmissionView(
    Guid Id,
    Guid ChallengeId,
    Guid UserId,
    string Language,
    string Code,
    SubmissionStatus Status,
    int Attempt,
    string? Verdict,
    JudgementView? Judgement,
    IReadOnlyList<JudgementSummary> History,
    DateTime CreatedAt);

/// <summary>A judgement.</summary>
/// <param name="Attempt">The attempt that it came from.</param>
/// <param name="Verdict">The first that is not accepted; else accepted.</param>
/// <param name="CpuMs">The slowest test's CPU time, milliseconds.</param>
/// <param name="MemoryKb">The largest test's peak memory, KiB.</param>
/// <param name="Toolchain">What compiled and ran it.</param>
/// <param name="CompileMessages">What the compiler said; only for whoever wrote the source.</param>
/// <param name="Tests">The tests that ran, by their order.</param>
/// <param name="JudgedAt">UTC.</param>
internal sealed record JudgementView(
    int Attempt,
    string Verdict,
    int CpuMs,
    int MemoryKb,
    string Toolchain,
    string? CompileMessages,
    IReadOnlyList<TestResult> Tests,
    DateTime JudgedAt);

/// <summary>A judgement in the history.</summary>
internal sealed record JudgementSummary(int Attempt, string Verdict, int CpuMs, int MemoryKb, DateTime JudgedAt);

internal static class GetSubmission
{
    public static async Task<Results<ApiOk<SubmissionView>, ApiProblem>> HandleAsync(
        Guid id, ChallengesDbContext db, ClaimsPrincipal user, CancellationToken cancellationToken)
    {
        var userId = user.UserId();
        var changeable = db.Challenges.ChangeableBy(user);
        var found = await db.Submissions.AsNoTracking()
            .Where(s => s.Id == id && (s.UserId == userId || changeable.Any(c => c.Id == s.ChallengeId)))
            .Select(s => new
            {
                Submission = s,
                InForce = s.Judgements.SingleOrDefault(j => j.Attempt == s.JudgedAttempt),
                History = s.Judgements.OrderByDescending(j => j.Attempt).Select(j => new JudgementSummary(j.Attempt, j.Verdict, j.CpuMs, j.MemoryKb, j.JudgedAt)).ToList(),
            })
            .SingleOrDefaultAsync(cancellationToken);
        if (found is not { Submission: var s })
            return Api.NotFound();
        var view = found.InForce is { } j
            ? new JudgementView(j.Attempt, j.Verdict, j.CpuMs, j.MemoryKb, j.Toolchain, s.UserId == userId ? j.CompileMessages : null, j.Results, j.JudgedAt)
            : null;
        return Api.Ok(new SubmissionView(
            s.Id, s.ChallengeId, s.UserId, s.Language, s.Code, s.Status, s.Attempt, s.Verdict, view, found.History, s.CreatedAt));
    }
}
