using System.ComponentModel.DataAnnotations;
using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using TalentSphere.Challenges.Data;
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
internal sealed record SubmissionSummary(Guid Id, Guid ChallengeId, string Language, SubmissionStatus Status, DateTime CreatedAt);

internal static class SubmitSolution
{
    public static async Task<Results<ApiAccepted<SubmissionSummary>, ApiProblem>> HandleAsync(
        Guid challengeId, SubmitSolutionRequest request, ChallengesDbContext db, ClaimsPrincipal user, CancellationToken cancellationToken)
    {
        if (!await db.Challenges.AnyAsync(c => c.Id == challengeId && c.PublishedAt != null, cancellationToken))
            return Api.NotFound();
        var submission = new Submission
        {
            Id = Guid.CreateVersion7(),
            ChallengeId = challengeId,
            UserId = user.UserId(),
            Language = request.Language!,
            Code = request.Code!,
            Status = SubmissionStatus.Queued,
        };
        db.Submissions.Add(submission);
        db.Publish(new SubmissionSubmitted(submission.Id, submission.UserId, challengeId, submission.Language));
        await db.SaveChangesAsync(cancellationToken);
        return Api.Accepted(
            $"/api/v1/submissions/{submission.Id}",
            new SubmissionSummary(submission.Id, challengeId, submission.Language, submission.Status, submission.CreatedAt));
    }
}
