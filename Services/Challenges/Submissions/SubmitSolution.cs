using System.ComponentModel.DataAnnotations;
using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using TalentSphere.Challenges.Data;
using TalentSphere.Challenges.Judging;
using TalentSphere.Challenges.Live;
using TalentSphere.Contracts.Challenges;
using TalentSphere.ServiceDefaults.Auth;
using TalentSphere.ServiceDefaults.Http;
using TalentSphere.ServiceDefaults.Messaging;

namespace TalentSphere.Challenges.Submissions;

/// <summary>A solution to hand in.</summary>
public sealed record SubmitSolutionRequest
{
    public const int MaxCode = 64 * 1024;

    [Required]
    [AllowedValues(null, Languages.Python, Languages.JavaScript, Languages.C, Languages.Cpp, Languages.Java, Languages.CSharp,
        ErrorMessage = "must be one of python, javascript, c, cpp, java, csharp")]
    public string? Language { get; init; }

    /// <summary>The source: at most 64 KiB in UTF-8.</summary>
    [Required, StorableText(MaxCode)]
    public string? Code { get; init; }
}

/// <summary>A submission without its source.</summary>
/// <param name="Id">The submission.</param>
/// <param name="ChallengeId">The challenge.</param>
/// <param name="Language">The language's id.</param>
/// <param name="Status">Where it stands.</param>
/// <param name="Verdict">The verdict in force; null before the first.</param>
/// <param name="CpuMs">The slowest test's CPU time, milliseconds.</param>
/// <param name="MemoryKb">The largest test's peak memory, KiB.</param>
/// <param name="CreatedAt">When it was handed in, UTC.</param>
internal sealed record SubmissionSummary(
    Guid Id, Guid ChallengeId, string Language, SubmissionStatus Status, string? Verdict, int? CpuMs, int? MemoryKb, DateTime CreatedAt);

internal static class SubmitSolution
{
    public static async Task<Results<ApiAccepted<SubmissionSummary>, ApiProblem>> HandleAsync(
        Guid challengeId,
        SubmitSolutionRequest request,
        ChallengesDbContext db,
        SubmissionQueue queue,
        SubmissionProgress progress,
        ClaimsPrincipal user,
        CancellationToken cancellationToken)
    {
        if (!await db.Challenges.AnyAsync(c => c.Id == challengeId && c.PublishedAt != null, cancellationToken))
            return Api.NotFound();
        var userId = user.UserId();
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        if (await queue.FindTurnAsync(db, userId, cancellationToken) is not { } turn)
        {
            return Api.Problem(StatusCodes.Status429TooManyRequests, "SUBMISSIONS_PENDING", "Too many of your submissions wait for their verdict already.")
                .RetryAfter(TimeSpan.FromSeconds(10));
        }
        var submission = new Submission
        {
            Id = Guid.CreateVersion7(),
            ChallengeId = challengeId,
            UserId = userId,
            Language = request.Language!,
            Code = request.Code!,
            CorrelationId = Correlation.Current,
            Turn = turn,
        };
        db.Submissions.Add(submission);
        db.Publish(new SubmissionSubmitted(submission.Id, submission.UserId, challengeId, submission.Language));
        await db.SaveChangesAsync(cancellationToken);
        await SubmissionQueue.AnnounceAsync(db, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        progress.Queued(submission);
        return Api.Accepted(
            $"/api/v1/submissions/{submission.Id}",
            new SubmissionSummary(submission.Id, challengeId, submission.Language, submission.Status, null, null, null, submission.CreatedAt));
    }
}
